"""SMPP 3.4 on the wire, for both sides: headers, the short PDUs of a session, and what long messages carry.

`submit_sm` and `deliver_sm` with their optional parameters are encoded and decoded by smpp34 (ADR 26).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from smpp34 import DeliverSm, SmppError, SubmitSm, Tlv
from smpp34 import decode as decode_message

__all__ = ["DeliverSm", "SmppError", "SubmitSm", "Tlv", "decode_message"]

HEADER = struct.Struct(">IIII")
SIZE = HEADER.size
LARGEST = 70_000  # bytes of one PDU: a message_payload of 64 kB and its header
LAST_SEQUENCE = 0x7FFFFFFF
ANSWER = 0x80000000  # the bit that makes an answer of a request

GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x1, 0x2, 0x9
SUBMIT, DELIVER, UNBIND, ENQUIRE, DATA = 0x4, 0x5, 0x6, 0x15, 0x103
BINDS = (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER)

OK, BAD_LENGTH, BAD_COMMAND, NOT_BOUND, ALREADY_BOUND = 0x0, 0x2, 0x3, 0x4, 0x5
SYSTEM_ERROR, BAD_NUMBER, BIND_FAILED, BAD_PASSWORD, BAD_SYSTEM = 0x8, 0xB, 0xD, 0xE, 0xF
QUEUE_FULL, THROTTLED, NOT_NOW, NEVER = 0x14, 0x58, 0x64, 0x65

HAS_HEADER = 0x40  # esm_class: the text begins with a header of its own
KIND_OF = 0x3C  # esm_class: what a deliver_sm is
RECEIPT, INTERMEDIATE = 0x04, 0x20

MESSAGE_ID, NETWORK_ERROR, PAYLOAD, STATE = 0x1E, 0x423, 0x424, 0x427
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x20C, 0x20E, 0x20F


class Header(NamedTuple):
    length: int
    command: int
    status: int
    sequence: int


class BadPdu(ValueError):
    """What came is no SMPP; the connection can't be trusted any more."""


class Bind(NamedTuple):
    """What a bind says, and what the simulator checks."""

    system_id: str
    password: str
    system_type: str = ""


class Piece(NamedTuple):
    """Where a part belongs in a long message."""

    reference: int
    total: int
    number: int


def make(command: int, sequence: int, status: int = OK, body: bytes = b"") -> bytes:
    return HEADER.pack(SIZE + len(body), command, status, sequence) + body


def bind(command: int, sequence: int, what: Bind) -> bytes:
    texts = b"".join(
        _c(text, most) for text, most in ((what.system_id, 15), (what.password, 8), (what.system_type, 12))
    )
    return make(command, sequence, body=texts + bytes([0x34, 0, 0]) + b"\0")


def read_bind(body: bytes) -> Bind:
    system_id, password, system_type, *_rest = [*body.split(b"\0", 3), b"", b"", b""]
    return Bind(*(text.decode("latin-1") for text in (system_id, password, system_type)))


def text_answer(command: int, sequence: int, text: str) -> bytes:
    """An answer with one text in it: the number of a message, the name of a centre."""
    return make(command | ANSWER, sequence, body=_c(text, 64))


def first_text(body: bytes) -> str:
    return body.partition(b"\0")[0].decode("latin-1")


def _c(text: str, most: int) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\0", b"")[:most] + b"\0"


class Framer:
    """Bytes as they come in, PDUs as they were sent."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> Iterator[tuple[Header, bytes]]:
        """(header, the whole PDU) for each that is complete. Raises BadPdu for a length that no PDU has."""
        data, at = self._kept + data if self._kept else data, 0
        while len(data) - at >= SIZE:
            header = Header._make(HEADER.unpack_from(data, at))
            if not SIZE <= header.length <= LARGEST:
                raise BadPdu(f"a PDU of {header.length} bytes")
            end = at + header.length
            if end > len(data):
                break
            whole, at = data[at:end], end
            yield header, whole
        self._kept = data[at:]


def long_header(piece: Piece) -> bytes:
    """The user data header that joins parts on a phone, with a reference of 16 bits."""
    return bytes([6, 8, 4, piece.reference >> 8, piece.reference & 0xFF, piece.total, piece.number])


def sar(piece: Piece) -> list[Tlv]:
    """The same as optional parameters."""
    return [
        Tlv(SAR_REFERENCE, piece.reference.to_bytes(2, "big")),
        Tlv(SAR_TOTAL, bytes([piece.total])),
        Tlv(SAR_NUMBER, bytes([piece.number])),
    ]


def tlvs_of(message: SubmitSm | DeliverSm) -> dict[int, bytes]:
    return {one.tag: one.value for one in message.tlvs}


def content(message: SubmitSm | DeliverSm) -> tuple[bytes, Piece | None]:
    """The text's bytes without its header, and where they belong if they are a part of a longer one."""
    extra = tlvs_of(message)
    octets, piece = message.short_message or extra.get(PAYLOAD, b""), None
    if message.esm_class & HAS_HEADER and octets:
        length = octets[0] + 1
        piece, octets = _piece(octets[1:length]), octets[length:]
    elif SAR_REFERENCE in extra and SAR_TOTAL in extra and SAR_NUMBER in extra:
        numbers = (int.from_bytes(extra[tag], "big") for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER))
        piece = Piece(*numbers)
    return octets, piece


def _piece(elements: bytes) -> Piece | None:
    """The information element that joins parts, with a reference of 8 or 16 bits."""
    at = 0
    while at + 2 <= len(elements):
        kind, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        if (kind, len(value)) == (0, 3):
            return Piece(value[0], value[1], value[2])
        if (kind, len(value)) == (8, 4):
            return Piece(value[0] << 8 | value[1], value[2], value[3])
        at += 2 + length
    return None
