"""How many parts an SMS takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.alerting.channels.parts import LIMITS, parts


@pytest.mark.parametrize(
    ("text", "encoding", "number"),
    [
        ("", "GSM-7", 0),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("雨" * 70, "UCS-2", 1),
        ("雨" * 71, "UCS-2", 2),
        ("雨" * 134, "UCS-2", 2),
        ("雨" * 135, "UCS-2", 3),
        ("a" * 69 + "雨", "UCS-2", 1),
        ("🌧" * 35, "UCS-2", 1),
        ("🌧" * 36, "UCS-2", 2),
    ],
)
def test_parts_are_counted_as_carriers_count(text: str, encoding: str, number: int) -> None:
    found = parts(text)
    assert (found.encoding, found.number) == (encoding, number)


@given(st.text(max_size=600))
def test_one_more_character_never_takes_fewer_parts(text: str) -> None:
    assert parts(text + "雨").number >= parts(text).number


@given(st.text(max_size=600))
def test_what_is_left_fits_and_no_more(text: str) -> None:
    found = parts(text)
    filler = "雨" if found.encoding == "UCS-2" else "a"
    assert 0 <= found.left <= LIMITS[found.encoding][0]
    assert parts(text + filler * found.left).number == max(found.number, 1)
    assert parts(text + filler * (found.left + 1)).number == max(found.number, 1) + 1
