"""One connection to the invented SMS centre, as its server sees it."""

from __future__ import annotations

import asyncio
import itertools
from typing import NamedTuple, Protocol

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.pdu import DeliverSm, Header, SubmitSm, Tlv


class Brought(NamedTuple):
    """A deliver_sm to be."""

    source: str
    destination: str
    esm_class: int
    octets: bytes
    data_coding: int
    tlvs: list[Tlv]


class Owner(Protocol):
    """The centre, as a connection sees it."""

    sessions: list[Session]

    def lets_in(self, who: pdu.Bind) -> int: ...

    def submit(self, session: Session, sequence: int, message: SubmitSm) -> None: ...

    def again(self, brought: Brought) -> None: ...

    def pump(self) -> None: ...


class Session(asyncio.Protocol):
    def __init__(self, centre: Owner) -> None:
        self._centre = centre
        self._framer = pdu.Framer()
        self._transport: asyncio.Transport | None = None
        self._sequence = itertools.count(1)
        self._role = 0
        self._out: list[bytes] = []
        self.pending: dict[int, Brought] = {}

    @property
    def bound(self) -> bool:
        return bool(self._role)

    @property
    def receives(self) -> bool:
        return self._role in (pdu.BIND_RECEIVER, pdu.BIND_TRANSCEIVER)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (of a stream, plain or TLS)
        self._transport = transport
        self._centre.sessions.append(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._role = 0
        if self in self._centre.sessions:
            self._centre.sessions.remove(self)
        for brought in self.pending.values():
            self._centre.again(brought)
        self.pending = {}

    def data_received(self, data: bytes) -> None:
        try:
            for header, whole in self._framer.feed(data):
                self._take(header, whole)
        except (pdu.BadPdu, pdu.SmppError, ValueError):
            self.cut()
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out = []
        self._centre.pump()

    def _take(self, header: Header, whole: bytes) -> None:
        if header.command == pdu.SUBMIT and self._role:
            message = pdu.decode_message(whole)
            if isinstance(message, SubmitSm):
                self._centre.submit(self, header.sequence, message)
        elif header.command == pdu.DELIVER | pdu.ANSWER:
            brought = self.pending.pop(header.sequence, None)
            if brought is not None and header.status != pdu.OK:
                self._centre.again(brought)
        elif header.command in pdu.BINDS:
            self._bind(header, pdu.read_bind(whole[pdu.SIZE :]))
        elif not header.command & pdu.ANSWER:
            self._other(header)

    def _bind(self, header: Header, who: pdu.Bind) -> None:
        status = self._centre.lets_in(who)
        if status == pdu.OK:
            self._role = header.command
            self._out.append(pdu.text_answer(header.command, header.sequence, "lastmile smsc"))
        else:
            self._out.append(pdu.make(header.command | pdu.ANSWER, header.sequence, status))

    def _other(self, header: Header) -> None:
        if header.command not in (pdu.ENQUIRE, pdu.UNBIND):
            code = pdu.BAD_COMMAND if self._role else pdu.NOT_BOUND
            self._out.append(pdu.make(pdu.GENERIC_NACK, header.sequence, code))
            return
        self._out.append(pdu.make(header.command | pdu.ANSWER, header.sequence))
        if header.command == pdu.UNBIND and self._transport is not None:
            self._role = 0
            self._transport.write(b"".join(self._out))
            self._out = []
            self._transport.close()

    def answer(self, sequence: int, status: int, number: str) -> None:
        body = number.encode() + b"\0" if status == pdu.OK else b""
        self._out.append(pdu.make(pdu.SUBMIT | pdu.ANSWER, sequence, status, body))

    def deliver(self, brought: Brought) -> None:
        sequence = next(self._sequence)
        self.pending[sequence] = brought
        made = DeliverSm(
            brought.source,
            brought.destination,
            brought.octets,
            source_addr_ton=1,
            source_addr_npi=1,
            esm_class=brought.esm_class,
            data_coding=brought.data_coding,
            tlvs=brought.tlvs,
            sequence_number=sequence,
        )
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(made.encode())

    def cut(self) -> None:
        self._out, self._role = [], 0
        if self._transport is not None:
            self._transport.abort()
