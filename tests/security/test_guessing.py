"""Codes and links that somebody guesses or bends."""

from __future__ import annotations

import base64
import secrets

import pytest

from lastmile.alerting import links


def test_a_personal_link_with_any_letter_changed_is_nobodys() -> None:
    good = links.token(7, 4711)
    raw = base64.urlsafe_b64decode(good + "A")
    tried = 0
    for bit in range(14 * 8):
        bent = bytearray(raw)
        bent[bit // 8] ^= 1 << bit % 8
        tried += 1
        with pytest.raises(links.BadToken):
            links.read(base64.urlsafe_b64encode(bytes(bent)).decode()[: links.LENGTH])
    assert tried == 112
    assert links.read(good) == (7, 4711)


def test_ten_thousand_guessed_links_are_nobodys() -> None:
    found = 0
    for _ in range(10_000):
        try:
            links.read(secrets.token_urlsafe(14))
        except links.BadToken:
            continue
        found += 1
    assert found == 0


def test_links_of_neighbours_have_nothing_in_common() -> None:
    """Whoever holds two links can't count on to a third."""
    made = links.tokens(7, range(4711, 4811))
    assert len({one[:6] for one in made}) == len({one[-6:] for one in made}) == 100
