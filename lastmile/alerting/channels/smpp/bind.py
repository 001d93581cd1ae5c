"""One connection to the centre: bound as transceiver, a window of submit_sm under way, asked when it is silent.

An answer frees a place in the window; a connection that breaks leaves what was under way unknown. A deliver_sm is
answered only when the house has written down what it says.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Protocol

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import Outcome, What
from lastmile.alerting.channels.inbound import Reply
from lastmile.alerting.channels.pdu import DeliverSm, Header, SubmitSm
from lastmile.alerting.channels.smpp import incoming, status
from lastmile.alerting.channels.smpp.desk import Told
from lastmile.alerting.channels.smpp.jobs import Part
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.wire import number

log = logging.getLogger(__name__)

FIRST_HOLD, LONGEST_HOLD = 0.25, 5.0  # seconds of quiet after the centre says that it is too much
TON = {"e164": 1, "digits": 1, "national": 0}


class Owner(Protocol):
    """The exchange, as a connection sees it."""

    options: Options

    def next_part(self) -> Part | None: ...

    def answered(self, part: Part, number: str) -> None: ...

    def refused(self, part: Part, outcome: Outcome) -> None: ...

    def slowed(self, part: Part) -> None: ...

    def lost(self, parts: list[Part], reason: str) -> None: ...

    def heard(self, news: Told | Reply, answer: Callable[[bool], None]) -> None: ...


class Bind(asyncio.Protocol):
    def __init__(self, owner: Owner, role: int = pdu.BIND_TRANSCEIVER) -> None:
        self._owner, self._options, self._role = owner, owner.options, role
        self._loop = asyncio.get_running_loop()
        self._sequence = itertools.cycle(range(1, pdu.LAST_SEQUENCE))
        self._framer = pdu.Framer()
        self._transport: asyncio.Transport | None = None
        self._full = False  # the socket takes nothing more for now
        self._hold, self._streak = 0.0, 0
        self._asked: dict[int, asyncio.Future[None]] = {}
        self._heard = self._loop.time()
        self._why = ""
        self.pending: dict[int, Part] = {}
        self.ready = False
        self.bound: asyncio.Future[Outcome | None] = self._loop.create_future()  # None: we are in
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (of a stream, plain or TLS)
        self._transport = transport
        who = pdu.Bind(self._options.system_id, self._options.password, self._options.system_type)
        transport.write(pdu.bind(self._role, next(self._sequence), who))

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        try:
            for header, whole in self._framer.feed(data):
                self._take(header, whole)
        except pdu.BadPdu as error:
            self.cut(f"connection broke: {error}")
        self.pump()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self.pump()

    def connection_lost(self, error: Exception | None) -> None:
        self.ready = False
        reason = self._why or f"connection broke: {type(error).__name__ if error else 'closed by the centre'}"
        parts, self.pending = list(self.pending.values()), {}
        if parts:
            self._owner.lost(parts, reason)
        for asked in self._asked.values():
            if not asked.done():
                asked.cancel()
        if not self.bound.done():
            self.bound.set_result(Outcome(What.RETRY, reason))
        if not self.closed.done():
            self.closed.set_result(None)

    def cut(self, why: str) -> None:
        """Give the connection up at once."""
        self._why = self._why or why
        self.ready = False
        if self._transport is not None:
            self._transport.abort()

    async def leave(self) -> None:
        """Say good-bye after what is under way has been answered."""
        self.ready = False
        until = self._loop.time() + self._options.timeout
        while self.pending and self._loop.time() < until and not self.closed.done():
            await asyncio.sleep(0.01)
        if self._transport is not None and not self.closed.done():
            self._transport.write(pdu.make(pdu.UNBIND, next(self._sequence)))
            await asyncio.wait([self.closed], timeout=1.0)
            self.cut("")

    async def watch(self) -> None:
        """Until the connection is closed: ask when it is silent, cut it when an answer does not come."""
        beat = min(1.0, self._options.timeout / 4, self._options.enquire / 2)
        while not self.closed.done():
            await asyncio.wait([self.closed], timeout=beat)
            now = self._loop.time()
            oldest = next(iter(self.pending.values()), None)
            if oldest is not None and now - oldest.sent > self._options.timeout:
                self.cut(f"no answer within {self._options.timeout:g} s")
            elif self.ready and now - self._heard > self._options.enquire:
                await self.ask()

    async def ask(self) -> bool:
        """enquire_link; False, and the connection is cut, when nothing comes back."""
        if self._transport is None or self.closed.done():
            return False
        sequence = next(self._sequence)
        asked = self._asked[sequence] = self._loop.create_future()
        self._transport.write(pdu.make(pdu.ENQUIRE, sequence))
        done, _ = await asyncio.wait([asked], timeout=self._options.timeout)
        self._asked.pop(sequence, None)
        if not done:
            self.cut(f"no answer within {self._options.timeout:g} s")
        return bool(done) and not asked.cancelled()

    # what goes out

    def pump(self) -> None:
        """Fill the window."""
        if not self.ready or self._full or self._transport is None:
            return
        now, out = self._loop.time(), []
        if now < self._hold:
            return
        for _free in range(self._options.window - len(self.pending)):
            part = self._owner.next_part()
            if part is None:
                break
            sequence = next(self._sequence)
            out.append(self._written(part, sequence))
            part.sent = now
            self.pending[sequence] = part
        if out:
            self._transport.write(b"".join(out))

    def _written(self, part: Part, sequence: int) -> bytes:
        options, segment = self._options, part.segment
        return SubmitSm(
            options.source,
            number(options.number, part.address),
            segment.octets,
            source_addr_ton=options.source_ton,
            source_addr_npi=options.source_npi,
            dest_addr_ton=TON[options.number],
            dest_addr_npi=1,
            esm_class=segment.esm_class,
            validity_period=validity(options.validity),
            registered_delivery=1,
            data_coding=segment.data_coding,
            tlvs=segment.tlvs,
            sequence_number=sequence,
        ).encode()

    # what comes in

    def _take(self, header: Header, whole: bytes) -> None:
        if not header.command & pdu.ANSWER:
            self._asked_by(header, whole)
        elif header.command in (pdu.SUBMIT | pdu.ANSWER, pdu.GENERIC_NACK):
            self._answer(header, whole)
        elif header.command == pdu.ENQUIRE | pdu.ANSWER:
            asked = self._asked.get(header.sequence)
            if asked is not None and not asked.done():
                asked.set_result(None)
        elif header.command == self._role | pdu.ANSWER and not self.bound.done():
            self.ready = header.status == pdu.OK
            self.bound.set_result(None if self.ready else status.shut_out(header.status))

    def _asked_by(self, header: Header, whole: bytes) -> None:
        """What the centre wants of us."""
        if header.command == pdu.DELIVER:
            self._deliver(header.sequence, whole)
        elif header.command in (pdu.ENQUIRE, pdu.UNBIND):
            self._send(pdu.make(header.command | pdu.ANSWER, header.sequence))
            if header.command == pdu.UNBIND:
                self.ready = False
                self._why = "connection broke: the centre has ended it"
                if self._transport is not None:
                    self._transport.close()
        else:
            self._send(pdu.make(pdu.GENERIC_NACK, header.sequence, pdu.BAD_COMMAND))

    def _answer(self, header: Header, whole: bytes) -> None:
        part = self.pending.pop(header.sequence, None)
        if part is None:
            return
        if header.status == pdu.OK and header.command != pdu.GENERIC_NACK:
            self._streak = 0
            self._owner.answered(part, pdu.first_text(whole[pdu.SIZE :]))
        elif header.status in status.SLOW_DOWN:
            self._slow_down()
            self._owner.slowed(part)
        else:
            self._owner.refused(part, status.outcome(header.status or pdu.SYSTEM_ERROR, self._options))

    def _slow_down(self) -> None:
        """Quiet for a while, longer each time; all that a full window is refused at once counts as one time."""
        now = self._loop.time()
        if now < self._hold:
            return
        seconds = min(LONGEST_HOLD, FIRST_HOLD * 2 ** min(self._streak, 10))
        self._streak += 1
        self._hold = now + seconds
        self._loop.call_later(seconds + 0.001, self.pump)

    def _deliver(self, sequence: int, whole: bytes) -> None:
        def answer(written: bool) -> None:
            code = pdu.OK if written else pdu.NOT_NOW  # then the centre brings it again
            self._send(pdu.make(pdu.DELIVER | pdu.ANSWER, sequence, code, b"\0"))

        try:
            message = pdu.decode_message(whole)
            news = incoming.read(message, self._options) if isinstance(message, DeliverSm) else None
        except (pdu.SmppError, ValueError):
            log.warning("a deliver_sm could not be read")  # never its content: it may hold a number
            news = None
        if news is None:
            answer(True)
        else:
            self._owner.heard(news, answer)

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def validity(minutes: int) -> str:
    """As a time from now: days, hours and minutes, and R for relative.

    >>> validity(1440), validity(90), validity(0)
    ('000001000000000R', '000000013000000R', '')
    """
    if minutes <= 0:
        return ""
    days, rest = divmod(min(minutes, 30 * 1440), 1440)
    return f"0000{days:02}{rest // 60:02}{rest % 60:02}00000R"
