from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.alerting import links

events = st.integers(0, links.EVENTS - 1)
people = st.integers(0, links.PEOPLE - 1)


@given(event=events, person=people)
def test_a_link_says_whom_it_is_for(event: int, person: int) -> None:
    made = links.token(event, person)
    assert len(made) == links.LENGTH
    assert links.read(made) == (event, person)


@given(event=events, persons=st.lists(people, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(event: int, persons: list[int]) -> None:
    assert links.tokens(event, persons) == [links.token(event, person) for person in persons]


@given(event=events, person=people, bit=st.integers(0, 14 * 8 - 1))
def test_any_flipped_bit_is_refused(event: int, person: int, bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(links.token(event, person) + "="))
    raw[bit // 8] ^= 1 << (bit % 8)
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    with pytest.raises(links.BadToken):
        links.read(forged)


@given(event=events, person=people, at=st.integers(0, 18), letter=st.sampled_from("AQgw19_-zZ"))
def test_any_other_letter_is_refused_even_in_the_two_spare_bits(event: int, person: int, at: int, letter: str) -> None:
    made = links.token(event, person)
    forged = made[:at] + letter + made[at + 1 :]
    if forged != made:
        with pytest.raises(links.BadToken):
            links.read(forged)


@given(text=st.text(max_size=40))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(links.BadToken):
        links.read(text)


def test_neighbours_get_unlike_links() -> None:
    first, second = links.tokens(1, [1, 2])
    assert first[:4] != second[:4]
    assert first[-8:] != second[-8:]


def test_another_key_refuses_it(settings: pytest.FixtureRequest) -> None:
    made = links.token(1, 1)
    settings.LINK_KEY = "00" * 32  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    with pytest.raises(links.BadToken):
        links.read(made)


@pytest.mark.parametrize(("event", "person"), [(links.EVENTS, 1), (-1, 1), (1, links.PEOPLE), (1, -1)])
def test_a_key_that_does_not_fit_makes_no_link(event: int, person: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        links.token(event, person)
