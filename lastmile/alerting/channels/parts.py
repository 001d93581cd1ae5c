"""How many SMS a text becomes: carriers bill and split by parts, and a long warning arrives in pieces."""

from __future__ import annotations

from typing import NamedTuple

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two of 7 bits
LIMITS = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone, and in each part of a long one


class Parts(NamedTuple):
    """`encoding` is GSM-7 or UCS-2, `units` what the text takes, `left` what still fits into the last part."""

    encoding: str
    units: int
    number: int
    left: int


def parts(text: str) -> Parts:
    """Count the parts of an SMS; one Chinese character puts the whole text into UCS-2.

    >>> parts("暴雨" * 35).number, parts("暴雨" * 36).number
    (1, 2)
    """
    widths = [1 if char in BASIC else 2 if char in EXTENDED else 0 for char in text]
    encoding = "GSM-7" if all(widths) else "UCS-2"
    if encoding == "UCS-2":
        widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    single, each = LIMITS[encoding]
    units = sum(widths)
    if units <= single:
        return Parts(encoding, units, 1 if units else 0, single - units)
    count, used = 1, 0
    for width in widths:  # a character of two units is never cut in half
        if used + width > each:
            count, used = count + 1, 0
        used += width
    return Parts(encoding, units, count, each - used)
