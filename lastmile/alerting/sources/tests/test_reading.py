"""What forms are read, and what a message would be as a warning of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.model import Alert, Area, Info, Pair
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.sources import area
from lastmile.alerting.sources.meaning import meaning
from lastmile.alerting.sources.reading import read_address, read_messages
from lastmile.alerting.sources.tests import samples
from tests.world import World

NATIONAL: dict[str, Any] = {
    "identifier": "41018241600000_20260823170800",
    "description": "荥阳市气象台发布暴雨橙色预警信号：3小时内降雨量将达50毫米以上。",
    "effective": "2026-08-23 17:08:00.0",
    "eventType": "11B03",
    "eventTypeCN": "暴雨事件",
    "expires": "2026-08-24 05:08:00.0",
    "headline": "荥阳市气象台发布暴雨橙色预警[Ⅱ级/严重]",
    "msgType": "Update",
    "note": "",
    "referencesInfo": "41018241600000_20260823150000",
    "sender": "荥阳市气象台",
    "severity": "Orange",
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<alert><identifier>41018241600000_20260823170800</identifier>
<sender>荥阳市气象台</sender><senderCode>41018241600000</senderCode>
<sendTime>2026-08-23 17:08:00</sendTime><status>Actual</status>
<msgType>Alert</msgType><secClassification>None</secClassification>
<info><eventType>11B03</eventType><severity>Red</severity>
<headline>荥阳市发布暴雨红色预警</headline><description>大暴雨。</description>
<expires>2026-08-24 05:08:00</expires><area><areaDesc>荥阳市</areaDesc><geocode>410182000000</geocode></area></info>
<method><methodName>SMS</methodName><message>短信正文</message></method></alert>"""


def test_the_national_json_is_read() -> None:
    (one,) = read_messages(json.dumps({"data": {"list": [NATIONAL]}}).encode(), ())
    alert, said = one.alert, meaning(one.alert)
    assert (one.form, alert.sent, alert.references) == ("json", "2026-08-23T17:08:00+08:00", NATIONAL["referencesInfo"])
    assert (said.hazard, said.colour, said.issuers, said.event_code) == (
        Hazard.RAINSTORM,
        Colour.ORANGE,
        ["荥阳市气象台"],
        "11B03",
    )
    assert alert.info[0].area[0].geocode[0].value == "410182"
    assert [finding.code for finding in one.findings] == ["national"]


@pytest.mark.django_db
def test_the_national_json_means_the_division_of_its_identifier(world: World) -> None:
    (one,) = read_messages(json.dumps([NATIONAL]).encode(), ())
    assert area.ours(one.alert, "4101").codes == ("410182",)


def test_the_xml_of_12379_is_read_as_far_as_it_is_known() -> None:
    (one,) = read_messages(XML.encode(), ())
    said = meaning(one.alert)
    assert (one.form, said.colour, said.hazard, said.issuers) == ("xml", Colour.RED, Hazard.RAINSTORM, ["荥阳市气象台"])
    assert one.alert.info[0].area[0].geocode[0].value == "410182000000"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "json_malformed"),
        (b'{"a": 1}', "json_nothing"),
        (b"[" * 100_000, "json_malformed"),
        (b"<rss><channel/></rss>", "no_messages"),
        (b"<html/>", "no_feed"),
        (b"", "empty"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "doctype"),
    ],
)
def test_what_is_no_warning_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_messages(data, ())
    assert refused.value.finding.code == code


def test_a_message_out_of_a_feed_keeps_its_signature() -> None:
    message = samples.xml(samples.alert(1)).split(b"?>", 1)[1]
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>' + message + b"</content></entry></feed>"
    from cryptography import x509

    anchors = x509.load_pem_x509_certificates(samples.certificate().encode())
    (one,) = read_address(feed, anchors).messages
    assert one.verdict.state == "trusted"
    (again,) = read_address(one.raw, anchors).messages
    assert again.verdict.state == "trusted"


@pytest.mark.parametrize(
    ("info", "colour", "plain"),
    [
        (Info(headline="发布暴雨蓝色预警", severity="Extreme"), Colour.BLUE, True),
        (Info(headline="Heavy rain", parameter=(Pair(valueName="Colour", value="YELLOW"),)), Colour.YELLOW, True),
        (Info(headline="updates blue warning [Level IV/General]"), Colour.BLUE, True),
        (Info(headline="Warning [Level II/Serious]"), Colour.ORANGE, True),
        (Info(headline="Storm", severity="Severe"), Colour.ORANGE, False),
        (Info(headline="Storm", severity="Unknown"), None, False),
    ],
)
def test_the_colour_is_what_is_said_plainly_first(info: Info, colour: Colour | None, plain: bool) -> None:
    said = meaning(Alert(info=(info,)))
    assert (said.colour, "colour" not in said.guessed) == (colour, plain)


@pytest.mark.parametrize(
    ("event", "hazard"),
    [
        ("山洪灾害", Hazard.FLASH_FLOOD),
        ("Flash flood events", Hazard.FLASH_FLOOD),
        ("雷雨大风", Hazard.WIND),
        ("暴雨", Hazard.RAINSTORM),
        ("road icing", Hazard.ICE),
        ("小行星", Hazard.OTHER),
    ],
)
def test_the_hazard_is_found_by_its_name(event: str, hazard: Hazard) -> None:
    said = meaning(Alert(info=(Info(event=event),)))
    assert (said.hazard, "hazard" in said.guessed) == (hazard, hazard is Hazard.OTHER)


def test_joint_issuers_are_a_list() -> None:
    info = Info(language="zh-CN", senderName="山西省自然资源厅、山西省气象台")
    assert meaning(Alert(info=(info,))).issuers == ["山西省自然资源厅", "山西省气象台"]


def about(*areas: Area, headline: str = "") -> Alert:
    return Alert(info=(Info(area=areas, headline=headline),))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "root", "codes", "issuer"),
    [
        ("410182000000", "4101", ("410182",), "410182"),
        ("410182109211", "410182", ("410182109211",), "410182"),
        ("410100000000", "410182", ("410182",), "410182"),
        ("410000", "4101", ("4101",), "4101"),
        ("410181", "410182", (), ""),
        ("110000", "4101", (), ""),
    ],
)
def test_codes_are_matched_by_prefix_inside_what_the_source_speaks_for(
    world: World, code: str, root: str, codes: tuple[str, ...], issuer: str
) -> None:
    found = area.ours(about(Area(geocode=(samples.code(code),))), root)
    assert (found.codes, found.place) == (codes, issuer)


@pytest.mark.django_db
def test_two_counties_are_issued_by_the_city(world: World) -> None:
    found = area.ours(about(Area(geocode=(samples.code("410181"), samples.code("410182")))), "4101")
    assert (found.codes, found.place) == (("410181", "410182"), "4101")


@pytest.mark.django_db
def test_places_are_found_by_name_only_where_nothing_else_is_said(world: World) -> None:
    found = area.ours(about(Area(areaDesc="荥阳市崔庙镇部分区域")), "4101")
    assert (found.codes, found.by_name) == (("410182109",), True)
    assert area.ours(about(Area(areaDesc="荥阳市", geocode=(samples.code("110000"),))), "4101").empty
    assert area.ours(about(Area(areaDesc="全市")), "4101").empty
