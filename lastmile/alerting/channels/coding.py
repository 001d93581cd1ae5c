"""The letters of an SMS as bytes and back, by the `data_coding` that SMPP and GSM name."""

from __future__ import annotations

from lastmile.alerting.channels.parts import GSM

DEFAULT, ASCII, LATIN1, BINARY, UCS2, GBK = 0, 1, 3, 4, 8, 15
ESCAPE = 0x1B
BEYOND = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40}
BEYOND["€"] = 0x65
TO_GSM = {char: bytes([code]) for code, char in enumerate(GSM)} | {
    char: bytes([ESCAPE, code]) for char, code in BEYOND.items()
}
FROM_BEYOND = {code: char for char, code in BEYOND.items()}


def gsm(text: str) -> bytes:
    """One octet for each 7 bits, as SMPP carries them. Raises KeyError for a letter that GSM-7 has not."""
    return b"".join([TO_GSM[char] for char in text])


def from_gsm(octets: bytes) -> str:
    found, escaped = [], False
    for octet in octets:
        if escaped:
            found.append(FROM_BEYOND.get(octet, " "))
            escaped = False
        elif octet == ESCAPE:
            escaped = True
        else:
            found.append(GSM[octet] if octet < len(GSM) else "�")
    return "".join(found)


def decode(octets: bytes, coding: int) -> str:
    """What a phone or centre wrote; never an exception, whatever the bytes are."""
    if coding == UCS2:
        return octets.decode("utf-16-be", "replace")
    if coding == LATIN1:
        return octets.decode("latin-1")
    if coding == GBK:  # of mainland centres
        return octets.decode("gb18030", "replace")
    if coding == ASCII:
        return octets.decode("ascii", "replace")
    return from_gsm(octets)
