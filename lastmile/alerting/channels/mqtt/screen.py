"""A warning on a screen that shows few letters: whole clauses as far as they fit."""

from __future__ import annotations

import re

LETTERS_A_SECOND = 4  # that people read while they pass
SHORTEST = 8  # seconds
_STOP = re.compile(r"[。！？；，、.!?;,]")


def fit(text: str, letters: int) -> str:
    """At most so many letters of the text: as many whole clauses as fit, else the beginning with a mark.

    >>> fit("暴雨红色预警。立即转移到小学。不要过河。", 16)
    '暴雨红色预警。立即转移到小学。'
    >>> fit("立即转移到小学", 4)
    '立即转…'
    """
    text = " ".join(text.split())
    if len(text) <= letters:
        return text
    ends = [found.end() for found in _STOP.finditer(text) if found.end() <= letters]
    if ends and ends[-1] * 3 >= letters:
        return text[: ends[-1]]
    return text[: max(0, letters - 1)] + "…" if letters > 1 else text[:letters]


def scroll(shown: str) -> int:
    """Seconds for which it passes once."""
    return max(SHORTEST, -(-len(shown) // LETTERS_A_SECOND))
