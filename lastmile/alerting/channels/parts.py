"""How many SMS a text becomes, and where it is cut: carriers bill and split by parts, and a long warning arrives in
pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

GSM = (  # the default alphabet of GSM 03.38 in its order; \x1b leads to the extended letters
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
BASIC = frozenset(GSM) - {"\x1b"}
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two of 7 bits
LIMITS = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone, and in each part of a long one


class Parts(NamedTuple):
    """`encoding` is GSM-7 or UCS-2, `units` what the text takes, `left` what still fits into the last part."""

    encoding: str
    units: int
    number: int
    left: int


def encoding_of(text: str) -> str:
    """GSM-7 where its letters suffice; one Chinese character puts the whole text into UCS-2."""
    return "GSM-7" if BASIC.issuperset(text) or (BASIC | EXTENDED).issuperset(text) else "UCS-2"


def widths(text: str, encoding: str) -> list[int]:
    """What each character takes: of 7 bits in GSM-7, of 16 in UCS-2."""
    if encoding == "UCS-2":
        return [2 if ord(char) > 0xFFFF else 1 for char in text]
    return [2 if char in EXTENDED else 1 for char in text]


def starts(taken: Sequence[int], each: int) -> list[int]:
    """Where each part begins. A character of two units is never cut in half."""
    found, used = [0], 0
    for at, width in enumerate(taken):
        if used + width > each:
            found.append(at)
            used = 0
        used += width
    return found


def parts(text: str) -> Parts:
    """Count the parts of an SMS.

    >>> parts("暴雨" * 35).number, parts("暴雨" * 36).number
    (1, 2)
    """
    encoding = encoding_of(text)
    taken = widths(text, encoding)
    single, each = LIMITS[encoding]
    units = sum(taken)
    if units <= single:
        return Parts(encoding, units, 1 if units else 0, single - units)
    begins = starts(taken, each)
    return Parts(encoding, units, len(begins), each - sum(taken[begins[-1] :]))


def cut(text: str, encoding: str, single: int, each: int) -> list[str]:
    """The text in pieces of at most `each` units; whole where it fits into `single`. Joined they are the text."""
    if len(text) * 2 <= single:  # short, whatever it is made of
        return [text]
    taken = widths(text, encoding)
    if sum(taken) <= single:
        return [text]
    begins = starts(taken, each)
    return [text[begin:end] for begin, end in zip(begins, [*begins[1:], len(text)], strict=True)]
