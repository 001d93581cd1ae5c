"""All connections to one centre: one queue of parts, several binds that take from it, and what has to be written down.

Everything here runs in one event loop (office.py). What came back and what was handed over gathers while one write is
under way and is the next one. A send returns when what the centre has taken is written down: a part that was answered
is never sent again, and at most the windows of the binds can double when a connection breaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import ssl
from collections import Counter, deque
from collections.abc import Callable, Sequence

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import ACCEPTED, Message, Outcome, What
from lastmile.alerting.channels.inbound import Reply
from lastmile.alerting.channels.post import SOON
from lastmile.alerting.channels.smpp import incoming
from lastmile.alerting.channels.smpp.bind import Bind
from lastmile.alerting.channels.smpp.desk import Desk, Handed, News, Told
from lastmile.alerting.channels.smpp.jobs import Job, Part
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.smpp.status import WHO
from lastmile.kernel import clock, outward

log = logging.getLogger(__name__)

LIMIT = 45.0  # seconds for one send; the dispatch gives up after 60
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between two attempts to connect, doubling
GATHER = 0.03  # seconds in which what must be written down gathers
WRITE_AGAIN = 0.5  # seconds after a write that failed
MOST_NEWS = 20_000  # reports that may wait; the centre keeps the rest


class Exchange:
    def __init__(self, options: Options, desk: Desk) -> None:
        self.options, self.desk = options, desk
        self.counts: Counter[str] = Counter()
        self.binds: list[Bind] = []
        self.trouble: Outcome | None = None  # why the last attempt failed, while no connection stands
        self._queue: deque[Part] = deque()
        self._holds = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._allowed = 0.0  # when the next part may leave, where the contract limits them
        self._timer: asyncio.TimerHandle | None = None
        self._news = News([], [], [])
        self._told: list[Callable[[bool], None]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._dirty = asyncio.Event()

    # connections

    async def hold(self) -> None:
        """Keep the connections up until `release`, which must follow."""
        self._holds += 1
        if self._holds == 1:
            jobs = [self._write_for_ever(), *(self._keep() for _ in range(self.options.binds))]
            self._tasks = [asyncio.create_task(job) for job in jobs]

    async def release(self) -> None:
        self._holds -= 1
        if self._holds:
            return
        (writer, *keepers), self._tasks = self._tasks, []
        await asyncio.gather(*(bind.leave() for bind in self.binds))
        await _end(keepers)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._written(), self.options.timeout)
        await _end([writer])
        self.trouble = None

    async def _keep(self) -> None:
        """One connection, made anew whenever it ends."""
        wait = FIRST_WAIT
        while True:
            bind = await self._connect()
            if bind is not None:
                wait, self.trouble = FIRST_WAIT, None
                self.binds.append(bind)
                bind.pump()
                try:
                    await bind.watch()
                finally:
                    self.binds.remove(bind)
                    bind.cut("")
                self.counts["ended"] += 1
            await asyncio.sleep(wait * random.uniform(0.75, 1.25))  # noqa: S311  # spreads attempts, guards nothing
            wait = min(LONGEST_WAIT, wait * 2)

    async def _connect(self, role: int = pdu.BIND_TRANSCEIVER) -> Bind | None:
        """A connection that is bound, or None and `trouble` says why."""
        bind: Bind | None = None
        try:
            bind = await self._bound(role)
            outcome = bind.bound.result()
        except TimeoutError:
            outcome = Outcome(What.RETRY, f"no answer within {self.options.timeout:g} s", SOON)
        except ssl.SSLCertVerificationError as error:
            outcome = Outcome(What.RETRY, f"the certificate of the {WHO} is not valid: {error.verify_message}", SOON)
        except outward.Unreachable:
            outcome = Outcome(What.RETRY, f"the address of the {WHO} is not a public one", SOON)
        except OSError:
            outcome = Outcome(What.RETRY, f"no connection to the {WHO}", SOON)
        if outcome is None:
            return bind
        if bind is not None:
            bind.cut("")
        self._give_up(outcome._replace(after=SOON))
        return None

    async def _bound(self, role: int) -> Bind:
        async with asyncio.timeout(self.options.timeout):
            options, secure = self.options, self.options.secure()
            found = await outward.host(options.host, options.port) if options.judged else options.host
            _transport, bind = await asyncio.get_running_loop().create_connection(
                lambda: Bind(self, role),
                found,
                options.port,
                ssl=secure,
                server_hostname=options.host if secure else None,
            )
            try:
                await asyncio.shield(bind.bound)
            except BaseException:
                bind.cut("")
                raise
        return bind

    def _give_up(self, outcome: Outcome) -> None:
        """Nobody waits for a connection that can't be made."""
        if any(bind.ready for bind in self.binds):
            return
        self.trouble = outcome
        queue, self._queue = self._queue, deque()
        for part in queue:
            part.job.settle(part, outcome)

    async def asked(self) -> tuple[int, Outcome | None]:
        """(connections that answer, why there is none); makes one for a moment where none is held."""
        if not self._holds:
            bind = await self._connect(pdu.BIND_TRANSMITTER)
            if bind is None:
                return 0, self.trouble
            answers = await bind.ask()
            await bind.leave()
            return int(answers), None if answers else Outcome(What.RETRY, "connection broke: enquire_link")
        answers_ = await asyncio.gather(*(bind.ask() for bind in list(self.binds)))
        return sum(answers_), self.trouble

    # what goes out

    async def send(self, messages: Sequence[Message]) -> list[Outcome]:
        await self.hold()
        try:
            return await self._send(messages)
        finally:
            await self.release()

    async def _send(self, messages: Sequence[Message]) -> list[Outcome]:
        known = await self.desk.known(self.options.centre, [message.key for message in messages])
        job = Job(messages, known, self.options)
        if self.trouble is not None:
            for part in job.parts:
                job.settle(part, self.trouble)
        else:
            self._queue.extend(job.parts)
            self.pump()
        try:
            await asyncio.wait([job.done], timeout=LIMIT)
        finally:
            flying = [part for bind in self.binds for part in bind.pending.values()]
            outcomes = job.close(flying, f"no answer within {LIMIT:g} s")
        await self._written()
        return outcomes

    def pump(self) -> None:
        for bind in self.binds:
            bind.pump()

    def next_part(self) -> Part | None:
        while self._queue:
            if self.options.per_second and not self._may_leave():
                return None
            part = self._queue.popleft()
            if part.job.wanted(part):
                self.counts["submitted"] += 1
                return part
            part.job.settle(part, ACCEPTED)  # its message is settled already, by something worse
        return None

    def _may_leave(self) -> bool:
        loop = asyncio.get_running_loop()
        now, each = loop.time(), 1 / self.options.per_second
        if self._allowed > now:
            if self._timer is None:
                self._timer = loop.call_at(self._allowed, self._tick)
            return False
        self._allowed = max(self._allowed, now - 0.1) + each  # at most a tenth of a second at once
        return True

    def _tick(self) -> None:
        self._timer = None
        self.pump()

    # what the connections tell

    def answered(self, part: Part, number: str) -> None:
        self._hand(part, incoming.plain(number, self.options) or f"none-{secrets.token_hex(8)}")
        part.job.settle(part, ACCEPTED)

    def refused(self, part: Part, outcome: Outcome) -> None:
        part.job.settle(part, outcome)

    def slowed(self, part: Part) -> None:
        """It waits for its turn again."""
        self.counts["throttled"] += 1
        self._queue.appendleft(part)

    def lost(self, parts: list[Part], reason: str) -> None:
        self.counts["unknown"] += len(parts)
        for part in parts:
            self._hand(part, "")
            part.job.settle(part, Outcome(What.UNKNOWN, reason))

    def heard(self, news: Told | Reply, answer: Callable[[bool], None]) -> None:
        if len(self._told) >= MOST_NEWS:
            answer(False)
            return
        (self._news.told if isinstance(news, Told) else self._news.replies).append(news)  # type: ignore[arg-type]  # by kind
        self._told.append(answer)
        self._dirty.set()

    # what is written down

    def _hand(self, part: Part, number: str) -> None:
        handed = Handed(part.key, part.reference, part.number, part.total, number, clock.now())
        self._news.handed.append(handed)
        self._dirty.set()

    async def _written(self) -> None:
        """Until everything that has been handed over by now is written down."""
        if not self._dirty.is_set() and not self._waiting:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._dirty.set()
        await waiting

    async def _write_for_ever(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(GATHER)
            self._dirty.clear()
            news, self._news = self._news, News([], [], [])
            told, self._told = self._told, []
            waiting = list(self._waiting)
            try:
                await self.desk.write(self.options.centre, news)
            except Exception as error:  # whatever it was: what went out must be known, what came in comes again
                log.warning("what came of messages could not be written down: %s", type(error).__name__)
                self._news.handed[:0] = news.handed
                self._answer(told, written=False)
                await asyncio.sleep(WRITE_AGAIN)
                self._dirty.set()
                continue
            self._answer(told, written=True)
            del self._waiting[: len(waiting)]
            for one in waiting:
                if not one.done():
                    one.set_result(None)

    @staticmethod
    def _answer(told: list[Callable[[bool], None]], *, written: bool) -> None:
        for answer in told:
            answer(written)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
