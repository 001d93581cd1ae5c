"""The page and the operation that tell what a message is worth: everything said, nothing kept, nothing hostile done."""

from __future__ import annotations

import json
import re
from html import unescape
from time import monotonic
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from lastmile.alerting.audience import Audience
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.tests import samples as bare
from lastmile.alerting.cap.tests.test_hostile import HOSTILE
from lastmile.alerting.models import Proposal, Received
from lastmile.alerting.sources import area, checking
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.tests.test_reading import NATIONAL, XML
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

AGAIN = re.compile(r'name="message" value="([^"]*)"')
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>省台</title><updated>2021-07-20T09:08:00Z</updated>
%s<entry><id>e</id><title>别处</title><updated>2021-07-20T09:08:00Z</updated>
<link href="https://cap.example.cn/1.xml"/></entry></feed>"""


def check(client: Client, text: str = "", file: bytes | None = None, **more: Any) -> Any:
    given = {"text": text} | ({"file": SimpleUploadedFile("a.xml", file)} if file is not None else {}) | more
    return client.post(reverse("sources:check"), given)


def said(answer: Any) -> str:
    return unescape(str(answer.content.decode()))


def test_a_message_is_told_with_its_places_and_by_the_certificates_of_a_source(client: Client, world: World) -> None:
    source = samples.source()
    world.login(client, "officer")
    text = samples.xml(samples.alert(1)).decode()
    before = AuditEntry.objects.count()
    alone, believed = check(client, text), check(client, text, source=str(source.pk))
    assert "CAP 1.2" in said(alone)
    assert "签名者不在信任库中" in said(alone)
    assert "签名正确，签名者在信任库中" in said(believed)
    assert world.places[samples.VILLAGE].name in said(believed)
    assert "重新写出不丢失任何内容。" in said(believed)
    assert not Received.objects.exists()
    assert not Proposal.objects.exists()
    assert AuditEntry.objects.count() == before


def test_what_was_changed_after_signing_is_said(client: Client, world: World) -> None:
    world.login(client, "officer")
    text = samples.xml(samples.alert(1)).decode().replace("100 毫米", "10 毫米")
    assert "签名不符" in said(check(client, text))


def test_findings_are_sentences_and_what_was_typed_stays(client: Client, world: World) -> None:
    world.login(client, "officer")
    text = bare.xml(sent="2021-07-20T09:08:00,08:00")
    answer = check(client, text)
    assert "时差的正负号写成了逗号" in said(answer)
    assert "不是有效的 CAP 1.2" in said(answer)
    assert text in said(answer)


def test_it_is_downloaded_as_we_write_it(client: Client, world: World) -> None:
    world.login(client, "officer")
    (written,) = AGAIN.findall(check(client, file=bare.xml().encode("utf-8")).content.decode())
    answer = client.post(reverse("sources:check_again"), {"message": unescape(written)})
    assert answer.headers["Content-Type"] == "application/cap+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert read(answer.content).alert == read(bare.xml().encode()).alert


@pytest.mark.parametrize("text", ["", "<script>alert(1)</script>", "<a>", "x" * 1000])
def test_nothing_but_cap_is_handed_out(client: Client, world: World, text: str) -> None:
    world.login(client, "officer")
    assert client.post(reverse("sources:check_again"), {"message": text}).status_code == 400


def test_a_file_in_another_encoding_and_a_pasted_one_read_the_same(client: Client, world: World) -> None:
    world.login(client, "officer")
    text = bare.xml().replace('encoding="UTF-8"', 'encoding="GB18030"')
    for answer in (check(client, text), check(client, file=text.encode("gb18030"))):
        assert "暴雨红色预警" in said(answer)
    assert "文件编码是 GB18030" in said(check(client, file=text.encode("gb18030")))


def test_a_feed_is_told_with_its_messages_and_where_the_others_lie(client: Client, world: World) -> None:
    world.login(client, "officer")
    inside = bare.xml().partition("?>")[2]
    entry = (
        f"<entry><id>i</id><title>内</title><updated>2021-07-20T09:08:00Z</updated><content>{inside}</content></entry>"
    )
    text = said(check(client, ATOM % entry))
    assert "ATOM" in text
    assert "暴雨红色预警" in text
    assert "https://cap.example.cn/1.xml" in text


def test_a_feed_of_many_messages_says_how_many_are_not_told(client: Client, world: World) -> None:
    world.login(client, "officer")
    inside = bare.xml().partition("?>")[2]
    entry = f"<entry><id>i</id><title>t</title><updated>u</updated><content>{inside}</content></entry>"
    text = said(check(client, ATOM % (entry * 25)))
    assert "另有 5 份报文" in text
    assert text.count("下载重新写出的报文") == checking.MOST_MESSAGES


@pytest.mark.parametrize("text", [json.dumps(NATIONAL), XML])
def test_a_national_form_is_told_as_such(client: Client, world: World, text: str) -> None:
    world.login(client, "officer")
    assert "国家平台格式" in said(check(client, text))


@pytest.mark.parametrize(
    "text", ["大暴雨要来了", "{", "[]", '{"identifier":"\\ud800","headline":"\\u0001"}', "<a", "\ufeff<a/>"]
)
def test_what_is_no_message_is_said_and_stays(client: Client, world: World, text: str) -> None:
    world.login(client, "officer")
    answer = check(client, text)
    assert answer.status_code == 200
    assert "未能读取" in said(answer) or "国家平台格式" in said(answer)
    assert text in said(answer)


def test_hostile_files_are_refused_in_words(client: Client, world: World) -> None:
    world.login(client, "officer")
    for make in HOSTILE:
        began = monotonic()
        answer = check(client, file=make())
        assert monotonic() - began < 3, make.__name__
        assert answer.status_code in (200, 413), make.__name__
        assert "未能读取" in said(answer) or "文件太大" in said(answer), make.__name__
        assert "root:" not in said(answer)


def test_markup_in_a_message_is_shown_and_not_done(client: Client, world: World) -> None:
    world.login(client, "officer")
    text = bare.xml().replace("暴雨红色预警", "&lt;script&gt;alert(1)&lt;/script&gt;")
    assert "<script>alert(1)" not in check(client, text).content.decode()


def test_shapes_that_cross_a_million_times_do_not_stop_the_house(client: Client, world: World) -> None:
    world.login(client, "officer")
    combs = "".join(f"<polygon>{comb(turned)}</polygon>" for turned in (False, True))
    began = monotonic()
    assert check(client, bare.xml(area=combs)).status_code == 200
    assert monotonic() - began < 5


def test_a_source_takes_the_villages_for_areas_that_cross_a_million_times(world: World) -> None:
    combs = [
        shapely.Polygon(
            [(east, north) for north, east in (map(float, pair.split(",")) for pair in comb(turned).split())]
        )
        for turned in (False, True)
    ]
    began = monotonic()
    assert area._polygons(list(combs)) == ()
    assert monotonic() - began < 2
    assert len(area._polygons(list(combs[:1]))) == 1
    with pytest.raises(Refusal, match="交叉"), translation.override("zh-hans"):
        Audience.parse({"polygons": [shapely.geometry.mapping(one) for one in combs]})


def comb(turned: bool, teeth: int = 1200) -> str:
    """A comb over the county; two of them, one turned, cross at every tooth."""
    points = [
        (n / teeth + d, y)
        for n in range(teeth)
        for d, y in ((0.0, 0.0), (0.0, 1.0), (0.4 / teeth, 1.0), (0.4 / teeth, 0.0))
    ]
    points += [(1.0, 0.0), (1.0, -0.1), (0.0, -0.1), (0.0, 0.0)]
    return " ".join(f"{34 + (x if turned else y):.6f},{113 + (y if turned else x):.6f}" for x, y in points)


@pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": "x", "source": "999999"}, {"text": "x", "source": "-1"}])
def test_a_form_that_says_too_little_is_refused_in_words(client: Client, world: World, given: dict[str, str]) -> None:
    samples.source()
    world.login(client, "officer")
    assert client.post(reverse("sources:check"), given).status_code == 422


def test_the_source_of_another_county_vouches_for_nothing(client: Client, world: World) -> None:
    source = samples.source()
    world.login(client, "neighbour")
    assert check(client, bare.xml(), source=str(source.pk)).status_code == 422
    wish = {"text": bare.xml(), "source": source.pk}
    assert client.post("/api/v1/cap/check", wish, content_type="application/json").status_code == 404


def test_whoever_may_not_see_sources_may_not_check(client: Client, world: World) -> None:
    world.login(client, "village")
    assert client.get(reverse("sources:check")).status_code == 403
    assert client.post("/api/v1/cap/check", {"text": "x"}, content_type="application/json").status_code == 403


def test_it_is_not_done_without_end(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PER_MINUTE", 2)
    world.login(client, "officer")
    answers = [check(client, bare.xml()) for _turn in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert bare.xml() in said(answers[2])


def test_programs_are_told_the_same(client: Client, world: World) -> None:
    world.login(client, "officer")
    wish = {"text": samples.xml(samples.alert(1)).decode(), "source": samples.source().pk}
    answer = client.post("/api/v1/cap/check", wish, content_type="application/json").json()
    (message,) = answer["messages"]
    assert (answer["kind"], answer["valid"], message["version"]) == ("cap", True, "1.2")
    assert (message["signature"]["state"], message["places"], message["rewriting"]) == (
        "trusted",
        [samples.VILLAGE],
        [],
    )
    assert read(message["again"].encode()).alert.identifier == message["identifier"]
    refused = client.post("/api/v1/cap/check", {"text": "<a/>"}, content_type="application/json").json()
    assert (refused["kind"], [one["level"] for one in refused["findings"]]) == ("", ["refused"])
    assert client.post("/api/v1/cap/check", {"text": ""}, content_type="application/json").status_code == 422
