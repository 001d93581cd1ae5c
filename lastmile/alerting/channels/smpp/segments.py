"""A text as the submit_sm PDUs that carry it: GSM-7 where it can be, else UCS-2, cut so that a phone joins it again."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from lastmile.alerting.channels import coding, pdu
from lastmile.alerting.channels.parts import cut, encoding_of
from lastmile.alerting.channels.pdu import Piece, Tlv
from lastmile.alerting.channels.smpp.options import Options

SIZES = {"GSM-7": (160, 152), "UCS-2": (70, 66)}  # a reference of 16 bits takes one unit more than one of 8
MOST = 255  # parts: their number is one octet


class TooLong(ValueError):
    """The text needs more parts than a phone can join."""


class Segment(NamedTuple):
    """`esm_class`, octets of the text with their header, `data_coding`, optional parameters."""

    esm_class: int
    octets: bytes
    data_coding: int
    tlvs: list[Tlv]


def segments(text: str, reference: int, options: Options) -> list[Segment]:
    """The parts in their order. Raises TooLong."""
    encoding = "UCS-2" if options.alphabet == "ucs2" else encoding_of(text)
    write: Callable[[str], bytes]
    write, data_coding = (coding.gsm, coding.DEFAULT) if encoding == "GSM-7" else (_ucs2, coding.UCS2)
    if options.long == "payload":
        return [_whole(write(text), data_coding)]
    pieces = cut(text, encoding, *SIZES[encoding])
    if len(pieces) == 1:
        return [Segment(0, write(text), data_coding, [])]
    if len(pieces) > MOST:
        raise TooLong
    made = []
    for number, piece in enumerate(pieces, start=1):
        where = Piece(reference, len(pieces), number)
        if options.long == "sar":
            made.append(Segment(0, write(piece), data_coding, pdu.sar(where)))
        else:
            made.append(Segment(pdu.HAS_HEADER, pdu.long_header(where) + write(piece), data_coding, []))
    return made


def _whole(octets: bytes, data_coding: int) -> Segment:
    """In one PDU, whatever its length; the centre cuts it."""
    if len(octets) <= 140:
        return Segment(0, octets, data_coding, [])
    if len(octets) > 65_000:
        raise TooLong
    return Segment(0, b"", data_coding, [Tlv(pdu.PAYLOAD, octets)])


def _ucs2(text: str) -> bytes:
    return text.encode("utf-16-be")


def reference(key: str, text: str) -> int:
    """The same for every try of the same text: a part that comes twice is the same part to the phone."""
    return int.from_bytes(blake2b(f"{key}\0{text}".encode(), digest_size=2).digest(), "big")
