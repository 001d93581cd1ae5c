"""Texts into parts and back, as a phone does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.alerting.channels import coding, pdu
from lastmile.alerting.channels.parts import GSM, LIMITS, cut, encoding_of, parts
from lastmile.alerting.channels.pdu import SubmitSm
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.smpp.segments import Segment, TooLong, reference, segments
from lastmile.alerting.channels.wire import clean

CHINESE = st.text(st.sampled_from("暴雨红色预警立即转移，。！【】0123abc🌧🏃‍♀️𠮷€[]"), max_size=700)
ANYTHING = st.text(max_size=400).map(clean)


def rejoined(made: list[Segment]) -> str:
    """Over the wire, each part decoded by itself: a character cut in half would be lost here."""
    found: dict[int, str] = {}
    for segment in made:
        sent = SubmitSm("1", "2", segment.octets, esm_class=segment.esm_class, tlvs=segment.tlvs)
        seen = pdu.decode_message(sent.encode())
        assert isinstance(seen, SubmitSm)
        octets, piece = pdu.content(seen)
        assert len(octets) <= 160 or segment.tlvs
        found[piece.number if piece else 1] = coding.decode(octets, segment.data_coding)
        assert piece is None or piece[:2] == (0xABCD, len(made))
    assert len(found) == len(made)
    return "".join(found[number] for number in sorted(found))


@pytest.mark.parametrize("long", ["udh", "sar", "payload"])
@pytest.mark.parametrize("alphabet", ["gsm", "ucs2"])
@given(text=CHINESE | ANYTHING | st.text(st.sampled_from(GSM.replace("\x1b", "") + "^{}[]€"), max_size=500))
def test_every_text_is_joined_again_exactly(long: str, alphabet: str, text: str) -> None:
    assert rejoined(segments(text, 0xABCD, Options(long=long, alphabet=alphabet))) == text


@given(text=CHINESE)
def test_a_part_holds_what_a_phone_takes(text: str) -> None:
    for segment in segments(text, 1, Options()):
        units = len(segment.octets) if segment.data_coding == coding.DEFAULT else len(segment.octets) // 2
        # with a header of 7 octets: 140 octets of UCS-2, or 160 letters of 7 bits of which the header takes eight
        limit = 70 if segment.data_coding == coding.UCS2 else 160 if not segment.esm_class else 152 + 7
        assert units <= limit


def test_plain_latin_stays_in_gsm_and_chinese_becomes_ucs2() -> None:
    assert [one.data_coding for one in segments("Leave now {€}", 1, Options())] == [coding.DEFAULT]
    assert [one.data_coding for one in segments("Leave now 走", 1, Options())] == [coding.UCS2]
    assert [one.data_coding for one in segments("Leave now", 1, Options(alphabet="ucs2"))] == [coding.UCS2]


@pytest.mark.parametrize(("letters", "number"), [(70, 1), (71, 2), (132, 2), (133, 3)])
def test_chinese_takes_66_letters_in_each_of_several_parts(letters: int, number: int) -> None:
    assert len(segments("雨" * letters, 1, Options())) == number


def test_a_pair_of_surrogates_moves_whole_into_the_next_part() -> None:
    made = segments("雨" * 65 + "🌧" + "雨" * 65, 0xABCD, Options())
    assert [len(one.octets) for one in made] == [7 + 130, 7 + 132, 7 + 2]
    assert rejoined(made) == "雨" * 65 + "🌧" + "雨" * 65


def test_what_no_phone_could_join_is_refused() -> None:
    with pytest.raises(TooLong):
        segments("雨" * (66 * 255 + 1), 1, Options())


def test_the_same_text_of_the_same_message_has_the_same_reference() -> None:
    assert reference("7-1-smpp-0", "暴雨") == reference("7-1-smpp-0", "暴雨")
    assert len({reference(f"7-{n}-smpp-0", "暴雨") for n in range(50)}) > 45


@given(text=CHINESE | ANYTHING)
def test_pieces_are_as_many_as_were_counted(text: str) -> None:
    counted = parts(text)
    if counted.number:
        assert len(cut(text, counted.encoding, *LIMITS[counted.encoding])) == counted.number


@given(text=st.text(st.sampled_from(GSM.replace("\x1b", "") + "\f^{}\\[~]|€")))
def test_gsm_letters_come_back(text: str) -> None:
    assert encoding_of(text) == "GSM-7"
    assert coding.from_gsm(coding.gsm(text)) == text


@given(octets=st.binary(max_size=50), data_coding=st.integers(0, 255))
def test_no_bytes_make_decoding_fail(octets: bytes, data_coding: int) -> None:
    assert isinstance(coding.decode(octets, data_coding), str)
