"""One channel's way through a worker. Lanes share nothing but the store: one that stands still holds up no other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

from lastmile.alerting import door_codes
from lastmile.alerting.channels.contract import Batch, Channel, Message, Outcome, What
from lastmile.alerting.channels.parts import parts
from lastmile.alerting.dispatch import addresses, render
from lastmile.alerting.dispatch.events import Events
from lastmile.alerting.dispatch.gate import Gate
from lastmile.alerting.dispatch.render import Renderer
from lastmile.alerting.dispatch.rest import Breaker
from lastmile.alerting.dispatch.store import LEASE, LOST, Store
from lastmile.alerting.dispatch.work import Work
from lastmile.alerting.models import Sent
from lastmile.alerting.routes import EVERYWHERE, Scope
from lastmile.community.people.models import Contact
from lastmile.kernel import clock

log = logging.getLogger(__name__)

SEND_TIMEOUT = 60.0  # seconds; a channel has its own, shorter ones
POLL = 1.0  # seconds between looks when nobody wakes us: retries that have become due, leases that ran out
AT_ONCE = 32  # batches in one claim
LOADS = 2  # claims whose addresses are fetched at the same time: the database works on the next while we write one out
HELD = 128  # batches in memory at most: their texts and addresses take 100 KB each
RANKS = range(-1, 5)


class Lane:
    def __init__(
        self, channel: Channel, store: Store, events: Events, *, name: str = "", scope: Scope = EVERYWHERE
    ) -> None:
        self.channel, self.store, self.events, self.scope = channel, store, events, scope
        self.name, self.can = name or channel.name, channel.can
        self.gate = Gate(self.can.in_flight, self.can.per_second)
        self.breaker = Breaker(f"{self.name}#{scope.account}" if scope.account else self.name, store)
        self.size = min(self.can.batch, max(1, self.can.per_second // 2)) if self.can.per_second else self.can.batch
        self.limit = max(16, min(HELD, 4 * self.can.in_flight))  # batches held at once, of one rank
        self.wake = asyncio.Event()
        self.told = 0
        self.stopping = False
        self._loading: dict[asyncio.Task[None], list[Work]] = {}
        self._running: dict[asyncio.Task[None], Work] = {}

    async def run(self) -> None:
        """Claim and deliver until `stop`. Losing the database is waited out, not died of."""
        ready = False
        while not self.stopping:
            try:
                if not ready:
                    await self.channel.open()
                    await self.breaker.recall()
                    ready = True
                if not await self._claim():
                    await self._pause()
            except LOST as error:
                log.warning("lane %s waits for the database: %s", self.name, error)
                await asyncio.sleep(0.5)
            except Exception:  # a channel that can't even open must not stop the others
                log.exception("lane %s failed; it tries again", self.name)
                await asyncio.sleep(2)
        while under_way := [*self._loading, *self._running]:
            await asyncio.wait(under_way)
        await self.channel.close()

    def stop(self) -> None:
        """Send nothing more; what is under way is settled."""
        self.stopping = True
        self.wake.set()

    def held(self) -> list[Work]:
        return [*chain.from_iterable(self._loading.values()), *self._running.values()]

    async def _pause(self) -> None:
        seconds = max(POLL, self.breaker.seconds_left()) if self.breaker.resting else POLL
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), seconds)
        self.wake.clear()

    def _floor(self) -> tuple[int, int]:
        """(how many batches to claim, above which priority). A rank that is full is overtaken, never waited for."""
        limit = 1 if self.breaker.probing else self.limit
        held = Counter(work.rank for work in self.held())
        for rank in RANKS:
            above = sum(count for other, count in held.items() if other > rank)
            if above <= limit // 2:  # not one by one: a claim costs the same for one batch as for many
                return min(AT_ONCE, limit - above), rank * 1_000 + 999
        return 0, 0

    async def _claim(self) -> bool:
        room, floor = self._floor()
        if self.breaker.resting or room == 0 or len(self._loading) == LOADS:
            return False
        claimed = await self.store.claim(self.name, limit=room, floor=floor, scope=self.scope)
        if not claimed:
            return False
        works = [work for work, in_force in claimed if in_force]
        for work, in_force in claimed:
            work.after_crash(self.can.when_unknown)
            if not in_force:
                self._start(self._close(work), work)
        if works:
            task = asyncio.create_task(self._load(works))
            self._loading[task] = works
            task.add_done_callback(self._loaded)
        return True

    async def _load(self, works: Sequence[Work]) -> None:
        """Fetch where the people of one claim are reached, and begin to deliver."""
        numbered, _loaded = await asyncio.gather(
            self._numbered(works), addresses.load(self.store, works, self.can.contact)
        )
        if self.can.personal:
            render.make_links(works)
        await self._say(numbered, works)
        for work in works:
            self._start(self._deliver(work), work)

    def _loaded(self, task: asyncio.Task[None]) -> None:
        works = self._loading.pop(task)
        self.wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("%s batches were not loaded; their leases will run out", len(works), exc_info=task.exception())

    async def _numbered(self, works: Sequence[Work]) -> list[tuple[Work, dict[int, str]]]:
        """The codes of the doors, where the message says them; without them it is sent all the same."""
        if not self.can.personal or self.can.contact != Contact.Kind.PHONE:
            return []
        try:
            wanted = {work.id: work for work in works if await self.events.says_code(work.event)}
            numbered = await self.store.doors(list(wanted)) if wanted else []
        except Exception:
            log.exception("the codes of the doors could not be read")
            return []
        return [
            (wanted[batch], door_codes.written(warning, wanted[batch].place, households))
            for batch, warning, households in numbered
        ]

    async def _say(self, numbered: Sequence[tuple[Work, dict[int, str]]], works: Sequence[Work]) -> None:
        """To each person the code of the door behind which they live."""
        try:
            homes = await self.store.homes([work.id for work, _codes in numbered if work.homes is None])
        except Exception:
            log.exception("nobody knows who lives behind which door")
            homes = {}
        for work, codes in numbered:
            lives = homes.get(work.id, {}) if work.homes is None else work.homes
            work.codes = list(map(codes.get, map(lives.get, work.persons, repeat(0)), repeat("")))
        for work in works:
            work.homes = None  # a third of what a batch takes in memory

    def _start(self, job: Coroutine[Any, Any, None], work: Work) -> None:
        task = asyncio.create_task(job)
        self._running[task] = work
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        work = self._running.pop(task)
        self.wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("batch %s failed; its lease will run out", work.id, exc_info=task.exception())

    async def _close(self, work: Work) -> None:
        work.close()
        work.finish(clock.now())
        await self.store.write(work)

    async def _deliver(self, work: Work) -> None:
        work.without_address()
        renderer = await self.events.renderer(work, self.can)
        chunks = work.todo(self.size)
        if len(chunks) == 1:  # the usual case needs no task of its own
            sent = [await self._send(work, chunks[0], renderer)]
        else:
            sent = await asyncio.gather(*(self._send(work, chunk, renderer) for chunk in chunks))
        if all(sent):
            work.finish(clock.now())
        else:  # stopped or resting before everyone's turn came
            work.release(clock.now() + timedelta(seconds=self.breaker.seconds_left()))
        await self.store.write(work)

    async def _send(self, work: Work, places: Sequence[int], renderer: Renderer) -> bool:
        """One call of the channel. False when it was not made and must be made later."""
        await self.gate.enter(work.priority, len(places))
        try:
            if self.stopping or self.breaker.resting:
                return False
            work.mark(places, Sent.SENDING)
            in_force = await self.store.write(work)
            if in_force is None:
                return True  # another worker holds it: nothing we write will count
            if not in_force:
                work.mark(places, Sent.SKIPPED)
                return True
            messages = renderer.messages(work, places)
            outcomes = await self._call(messages)
        finally:
            self.gate.leave()
        work.settle(places, outcomes, self.can.when_unknown)
        work.bill(outcomes, self._parts(messages))
        self.told += len(places)
        return True

    def _parts(self, messages: Batch) -> int:
        """What one of these messages is billed as. They differ in their links only, which are of one length."""
        return parts(messages.texts[0]).number if self.can.contact == Contact.Kind.PHONE and not self.can.lines else 1

    async def _call(self, messages: Sequence[Message]) -> list[Outcome]:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                outcomes = await self.channel.send(messages)
        except Exception as error:  # whatever a channel does, it is one batch whose outcome is unknown
            outcomes = [Outcome(What.UNKNOWN, f"{type(error).__name__}: {error}")] * len(messages)
        if all(outcome.what in (What.RETRY, What.UNKNOWN) for outcome in outcomes):
            await self._quietly(self.breaker.failed(outcomes[0].reason))
        elif self.breaker.marked:
            await self._quietly(self.breaker.succeeded())
        return outcomes

    async def _quietly(self, note: Awaitable[None]) -> None:
        """The state of a channel is worth showing, not worth losing a batch's outcomes for."""
        try:
            await note
        except LOST as error:
            log.warning("the state of channel %s was not written: %s", self.name, error)


async def renew_for_ever(lanes: Callable[[], Sequence[Lane]], store: Store) -> None:
    """Keep what the lanes hold: a slow gateway must not make another worker send the same."""
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 4)
        held = [work for lane in lanes() for work in lane.held()]
        if held:
            try:
                await store.renew(held)
            except LOST as error:
                log.warning("leases were not renewed: %s", error)
