"""Each irregularity of real messages is understood, and told in words; nothing crashes, nothing is silently wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.names import NAMESPACE
from lastmile.alerting.cap.read import read, read_all
from lastmile.alerting.cap.tests.samples import GEOCODE, INFO, SENT, codes, found, reading, xml
from lastmile.alerting.cap.words import WORDS


def test_a_plain_message_gives_nothing_to_say() -> None:
    message = reading(xml())
    assert (message.findings, message.version, message.valid, message.conforms) == ([], "1.2", True, True)
    assert message.alert.info[0].area[0].geocode[0].value == "410182000000"


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (xml(area="<polygon/>" + GEOCODE), "polygon_empty"),
        (xml(area="<polygon>34,113 34,114 35,114 35,113</polygon>"), "polygon_open"),
        (xml(area="<polygon>34,113 34,114 34,113</polygon>"), "polygon_few"),
        (xml(area="<polygon>34,113 35,114 34,114 35,113 34,113</polygon>"), "polygon_crosses"),
        (xml(area="<polygon>113,34 114,34 114,35 113,34</polygon>"), "polygon_swapped"),
        (xml(area="<polygon>34,113 34,x 35,114 34,113</polygon>"), "polygon_form"),
        (xml(area="<circle>34,113 nan</circle>"), "circle_form"),
        (xml(area="<circle>34,113 0</circle>"), "circle_zero"),
        (xml(area=GEOCODE + "<polygon>34,113 34,114 35,114 34,113</polygon>"), "order"),
        (xml(area=""), "area_text_only"),
        (xml(area=GEOCODE + "<ceiling>900</ceiling>"), "ceiling_alone"),
        (xml(area=GEOCODE + "<altitude>900</altitude><ceiling>100</ceiling>"), "ceiling_low"),
        (xml(info=INFO.replace("<expires>2021-07-20T15:00:00+08:00</expires>", "")), "expires_missing"),
        (xml(info=INFO.replace("<expires>", "<onset>2021-07-20T23:00:00+08:00</onset><expires>")),
         "expires_early"),
        (xml(info=""), "no_info"),
        (xml(info=INFO.replace("Extreme", "Red")), "choice"),
        (xml(info=INFO.replace("Likely", "Very Likely")), "very_likely"),
        (xml(info=INFO.replace("<event>暴雨</event>", "")), "missing"),
        (xml(info=INFO.replace("<event>暴雨</event>", "<event> </event>")), "blank"),
        (xml(info=INFO.replace("<event>暴雨</event>", "<event>雨<b/></event>")), "markup"),
        (xml(info=INFO.replace("<event>", "<colour>red</colour><event>")), "foreign"),
        (xml(info=INFO.replace("<event>", '<event lang="zh">')), "attribute"),
        (xml(info=INFO.replace("<area>", "<headline>x</headline><area>")), "repeated"),
        (xml(info=INFO.replace("<area>", "and text<area>")), "stray"),
        (xml(kind="Update"), "references_missing"),
        (xml(kind="Update", extra=f"<references>a@b.cn,1,{SENT}</references>"), "references_self"),
        (xml(kind="Update", extra="<references>1</references>"), "references_form"),
        (xml(extra=f"<references>a@b.cn,0,{SENT}</references>"), "references_idle"),
        (xml(kind="Cancel", extra=f"<references>a@b.cn,0,{SENT}</references>"), "note_missing"),
        (xml().replace("Public", "Private"), "addresses_missing"),
        (xml().replace("Public", "Restricted"), "restriction_missing"),
        (xml().replace("a@b.cn", "a b"), "key_characters"),
        (xml(sent="2021-07-20T09:08:00Z"), "time_z"),
        (xml(sent="2021-07-20T09:08:00,08:00"), "time_comma"),
        (xml(sent="2021-07-20T09:08:00"), "time_offset"),
        (xml(sent="2021-07-20 09:08:00.5+0800"), "time_form"),
        (xml(sent="2021-02-30T09:08:00+08:00"), "time_none"),
        (xml().replace(NAMESPACE, "urn:oasis:names:tc:emergency:alerts:1.2"), "namespace"),
        (xml().replace(NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1"), "version"),
        (xml().replace(NAMESPACE, "http://www.incident.com/cap/1.0"), "version"),
    ],
)  # fmt: skip
def test_what_is_irregular_is_told(spoilt: str, code: str) -> None:
    message = reading(spoilt)
    assert code in codes(message.findings)
    for finding in message.findings:
        plain = finding.plain()
        assert plain["zh"] != plain["en"]
        assert "%(" not in plain["zh"] + plain["en"]


def test_every_sentence_has_its_chinese() -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        chinese = {code: str(words) for code, (_level, words) in WORDS.items()}
    assert [code for code, text in chinese.items() if not any("\u4e00" <= char <= "\u9fff" for char in text)] == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbf" + xml().encode(), "bom"),
        (b"\n " + xml().encode(), "leading"),
        (xml().replace("UTF-8", "GBK").encode("gbk"), "encoding"),
        (xml().replace("UTF-8", "UTF-16").encode("utf-16"), "encoding"),
        (xml().encode("gb18030"), "wrong_encoding"),
        (xml().replace("UTF-8", "US-ASCII").encode(), "wrong_encoding"),
    ],
)
def test_other_encodings_keep_every_character(data: bytes, code: str) -> None:
    message = reading(data)
    assert code in codes(message.findings)
    assert message.alert.info[0].headline == "暴雨红色预警"


def test_any_prefix_does() -> None:
    prefixed = (
        xml().replace("</", "\0").replace("<?", "\1").replace("<", "<cap:").replace("\0", "</cap:").replace("\1", "<?")
    )
    assert found(prefixed.replace("xmlns=", "xmlns:cap=")) == set()


def test_a_picture_enclosed_as_character_data_is_no_long_tag() -> None:
    picture = (
        "<resource><resourceDesc>x</resourceDesc><mimeType>image/png</mimeType><derefUri><![CDATA[%s]]></derefUri>"
    )
    enclosed = picture % ("QUFB" * 60_000) + "</resource><area>"
    assert found(xml(info=INFO.replace("<area>", enclosed))) == set()


def test_several_messages_in_a_wrapper_are_all_read() -> None:
    inner = xml().partition("?>")[2]
    both = read_all(f"<alerts>{inner}{inner.replace('>1<', '>2<')}</alerts>".encode())
    assert [one.alert.identifier for one in both] == ["1", "2"]
    assert codes(both[0].findings) == {"wrapper"}


def test_pairs_of_cap_1_0_are_read_as_pairs() -> None:
    old = xml(info=INFO.replace("<area>", "<parameter>HSAS=ORANGE</parameter><area>"))
    (pair,) = reading(old.replace(NAMESPACE, "http://www.incident.com/cap/1.0")).alert.info[0].parameter
    assert (pair.valueName, pair.value) == ("HSAS", "ORANGE")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\0\0", "empty"),
        (b"not xml", "malformed"),
        (xml().encode()[:-20], "malformed"),
        (b"<rss/>", "no_alert"),
        (b"\xff\xfe\x00", "malformed"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.finding.code == code


@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_no_bytes_crash_it(data: bytes) -> None:
    with suppress(Refused):
        read_all(data)


@given(
    at=st.integers(0, 1200),
    cut=st.integers(0, 30),
    put=st.sampled_from(["", "<", "</info>", "&amp;", "]]>", "\0", " ", "<x/>"]),
)
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_message_crashes_it(at: int, cut: int, put: str) -> None:
    text = xml(area="<polygon>34,113 34,114 35,114 34,113</polygon>" + GEOCODE, kind="Update")
    with suppress(Refused):
        for message in read_all((text[:at] + put + text[at + cut :]).encode()):
            assert all(str(finding) for finding in message.findings)
