"""How many sends a channel takes at once and how fast, in order of urgency."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class Gate:
    """Sends wait here; the most urgent goes next, whenever it came.

    Pacing runs on the loop's monotonic clock: it measures seconds between sends, not the time of day.
    """

    def __init__(self, in_flight: int, per_second: int = 0) -> None:
        self.in_flight, self.per_second = max(1, in_flight), per_second
        self.running = 0
        self._free_at = 0.0
        self._queue: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, priority: int, messages: int) -> None:
        """Wait for a turn. Every `enter` that returns must be followed by `leave`."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (-priority, next(self._order), messages, turn))
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self.running -= 1
        self._admit()

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue and self.running < self.in_flight:
            if self.per_second and loop.time() < self._free_at:
                if self._timer is None:
                    self._timer = loop.call_at(self._free_at, self._tick)
                return
            _priority, _order, messages, turn = heapq.heappop(self._queue)
            if turn.done():  # cancelled while waiting
                continue
            if self.per_second:
                self._free_at = max(loop.time(), self._free_at) + messages / self.per_second
            self.running += 1
            turn.set_result(None)

    def _tick(self) -> None:
        self._timer = None
        self._admit()
