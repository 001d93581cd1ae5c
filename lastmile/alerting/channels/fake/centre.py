"""An SMS centre in front of the invented phones: SMPP 3.4 over a real socket (`lastmile smsc`).

It binds who knows the password, joins the parts of long messages as a phone does, says that it is too much above its
rate, reports each part, and brings what people write. Faults, for the next submit_sm: throttled, queue_full,
system_error, bad_number; drop_before and drop_after cut the connection before and after taking it; silent takes it and
never answers.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from lastmile.alerting.channels import coding, pdu
from lastmile.alerting.channels.fake.network import GONE, Happening, Network
from lastmile.alerting.channels.fake.session import Brought, Session
from lastmile.alerting.channels.parts import encoding_of
from lastmile.alerting.channels.pdu import SubmitSm, Tlv
from lastmile.alerting.channels.wire import e164
from lastmile.kernel import clock

AGAIN = 0.3  # seconds until a deliver_sm that was not taken is brought again
WINDOW = 50  # deliver_sm under way to one session
STATUS = {
    "throttled": pdu.THROTTLED,
    "queue_full": pdu.QUEUE_FULL,
    "system_error": pdu.SYSTEM_ERROR,
    "bad_number": pdu.BAD_NUMBER,
}
FAULTS = (*STATUS, "drop_before", "drop_after", "silent")


@dataclass(frozen=True)
class CentreOptions:
    system_id: str = "lastmile"
    password: str = "secret"  # noqa: S105  # of an invented centre that listens on the loopback
    rate: int = 0  # submit_sm a second; 0: as many as come
    form: str = "both"  # how a receipt says it: text, tlv, both
    repeat: int = 1  # times each report is brought
    shuffle: bool = False  # reports in any order
    host: str = "127.0.0.1"


@dataclass
class Long:
    """One message on its way to a phone: the parts that came, and the numbers they were given."""

    phone: str
    source: str
    total: int
    parts: dict[int, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    key: str = ""
    outcome: str = ""


class Centre:
    """`now` gives the network's own time."""

    def __init__(self, network: Network, options: CentreOptions, now: Any) -> None:
        self.network, self.options, self.now = network, options, now
        self.counts: Counter[str] = Counter()
        self.next_faults: deque[str] = deque()
        self.sessions: list[Session] = []
        self.messages: dict[tuple[str, int, int], Long] = {}
        self.by_key: dict[str, Long] = {}
        self.numbers: dict[str, str] = {}  # the number that wrote to a phone last
        self._seen: Counter[tuple[str, str]] = Counter()
        self._queue: deque[Brought] = deque()
        self._server: asyncio.Server | None = None
        self._second, self._in_second, self._made = 0, 0, int(clock.now().timestamp()) << 8  # numbers never come again
        self._order = random.Random(7)  # noqa: S311  (only mixes up an order)

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """The port it listens on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), self.options.host, port, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self.sessions):
            session.cut()
        if self._server is not None:
            await self._server.wait_closed()
        self._server = None

    def cut(self) -> None:
        """Every connection, as if a cable were pulled."""
        for session in list(self.sessions):
            session.cut()

    # what comes from the other side

    def lets_in(self, who: pdu.Bind) -> int:
        if who.system_id != self.options.system_id:
            return pdu.BAD_SYSTEM
        return pdu.OK if who.password == self.options.password else pdu.BAD_PASSWORD

    def submit(self, session: Session, sequence: int, message: SubmitSm) -> None:
        fault = self.next_faults.popleft() if self.next_faults else ""
        self.counts[fault or "submit_sm"] += 1
        if fault == "drop_before":
            session.cut()
            return
        status = STATUS.get(fault) or self._pace()
        number = self._take(message) if status == pdu.OK else ""
        status = status if number or status else pdu.BAD_NUMBER
        if fault == "drop_after":
            session.cut()
        elif fault != "silent":
            session.answer(sequence, status, number)

    def _pace(self) -> int:
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        if self.options.rate and self._in_second > self.options.rate:
            self.counts["throttled"] += 1
            return pdu.THROTTLED
        return pdu.OK

    def _take(self, message: SubmitSm) -> str:
        """The number of what was taken; "" when the phone does not exist."""
        phone = e164(message.destination_addr)
        if not phone or self.network.refuses(phone):
            self.counts["refused"] += 1
            return ""
        octets, piece = pdu.content(message)
        self._made += 1
        number = f"{self._made:012x}"
        self.numbers[phone] = message.source_addr
        where = (phone, piece.reference, piece.total) if piece else (phone, -self._made, 1)
        long = self.messages.setdefault(where, Long(phone, message.source_addr, piece.total if piece else 1))
        part = piece.number if piece else 1
        self.counts["parts"] += 1
        self.counts["parts_doubled"] += part in long.parts
        long.parts[part] = coding.decode(octets, message.data_coding)
        long.ids.append(number)
        if long.outcome:
            self._report(long, [number], long.outcome)
        elif len(long.parts) == long.total and not long.key:
            self._send(long)
        return number

    def _send(self, long: Long) -> None:
        text = "".join(long.parts[number] for number in sorted(long.parts))
        self._seen[long.phone, text] += 1
        self.counts["messages_doubled"] += self._seen[long.phone, text] > 1
        self.counts["messages"] += 1
        long.key = f"smpp{self._made}-0"
        self.by_key[long.key] = long
        self.network.take(long.key, long.phone, text, self.now())

    # what the phones do

    def owns(self, happening: Happening) -> bool:
        if happening.what == "open":
            return False
        return happening.key in self.by_key or (happening.what == "reply" and happening.phone in self.numbers)

    def carry(self, happening: Happening) -> None:
        if happening.what == "reply":
            ucs2 = encoding_of(happening.text) == "UCS-2"
            octets = happening.text.encode("utf-16-be") if ucs2 else coding.gsm(happening.text)
            to = self.numbers.get(happening.phone, "")
            self._bring(Brought(happening.phone[1:], to, 0, octets, coding.UCS2 if ucs2 else coding.DEFAULT, []))
            return
        long = self.by_key[happening.key]
        gone = happening.text == GONE
        long.outcome = "DELIVRD" if happening.what == "delivered" else "UNDELIV" if gone else "EXPIRED"
        self._report(long, long.ids, long.outcome)

    def _report(self, long: Long, ids: list[str], outcome: str) -> None:
        for number in ids:
            for _time in range(self.options.repeat):
                self._bring(self._receipt(long, number, outcome))

    def _receipt(self, long: Long, number: str, outcome: str) -> Brought:
        error = {"DELIVRD": "000", "UNDELIV": "001", "EXPIRED": "027"}[outcome]
        at = clock.now().astimezone(clock.BEIJING).strftime("%y%m%d%H%M%S")
        text = f"id:{number} sub:001 dlvrd:{int(outcome == 'DELIVRD'):03} submit date:{at} done date:{at} "
        text += f"stat:{outcome} err:{error} text:"
        state = {"DELIVRD": 2, "UNDELIV": 5, "EXPIRED": 3}[outcome]
        tlvs = [
            Tlv(pdu.MESSAGE_ID, number.encode() + b"\0"),
            Tlv(pdu.STATE, bytes([state])),
            Tlv(pdu.NETWORK_ERROR, bytes([3, 0, int(error)])),
        ]
        octets = b"" if self.options.form == "tlv" else text.encode()
        extra = [] if self.options.form == "text" else tlvs
        return Brought(long.phone[1:], long.source, pdu.RECEIPT, octets, coding.DEFAULT, extra)

    # deliver_sm

    def _bring(self, brought: Brought) -> None:
        if self.options.shuffle:
            self._queue.insert(self._order.randint(0, len(self._queue)), brought)
            asyncio.get_running_loop().call_later(0.05, self.pump)
        else:
            self._queue.append(brought)
            self.pump()

    def pump(self) -> None:
        ready = [session for session in self.sessions if session.receives]
        while self._queue and ready:
            session = min(ready, key=lambda one: len(one.pending))
            if len(session.pending) >= WINDOW:
                return
            session.deliver(self._queue.popleft())
            self.counts["deliver_sm"] += 1

    def again(self, brought: Brought) -> None:
        """It was not taken, or nobody knows: bring it once more, as a real centre does."""
        self.counts["brought_again"] += 1
        self._queue.append(brought)
        asyncio.get_running_loop().call_later(AGAIN, self.pump)

    @property
    def waiting(self) -> int:
        return len(self._queue) + sum(len(session.pending) for session in self.sessions)

    def stats(self) -> dict[str, int]:
        return {f"smpp_{name}": count for name, count in sorted(self.counts.items())} | {
            "smpp_binds": sum(session.bound for session in self.sessions)
        }
