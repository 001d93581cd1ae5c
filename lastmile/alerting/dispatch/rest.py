"""A channel that fails several times in a row rests for a while; everybody can see that it does, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from lastmile.alerting.dispatch.store import Store
from lastmile.kernel import clock

TRIPS_AT = 5  # failed sends in a row
SHORTEST, LONGEST = 5.0, 60.0  # seconds of rest, doubling

WRITE = """
INSERT INTO alerting_rest (channel, since, until, failures, reason) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (channel) DO UPDATE SET until = excluded.until, failures = excluded.failures, reason = excluded.reason
RETURNING channel
"""


class Breaker:
    """Counts failures of one channel in this process; a rest is written down, and taken over by the next process."""

    def __init__(self, channel: str, store: Store) -> None:
        self.channel, self._store = channel, store
        self.failures = 0
        self.until: datetime | None = None
        self.reason = ""
        self._written = True  # whether a row may stand from before: the first success clears it

    async def recall(self) -> None:
        """Begin where the last process stopped."""
        query = "SELECT until, failures, reason FROM alerting_rest WHERE channel = %s"
        rows = await self._store.fetch(query, [self.channel])
        if rows:
            self.until, self.failures, self.reason = rows[0]

    @property
    def marked(self) -> bool:
        """Something stands against the channel that a success must clear."""
        return bool(self.failures) or self._written

    @property
    def resting(self) -> bool:
        return self.until is not None and self.until > clock.now()

    @property
    def probing(self) -> bool:
        """The rest is over, but nothing has succeeded since: one batch tries."""
        return self.until is not None and not self.resting

    def seconds_left(self) -> float:
        return max(0.0, (self.until - clock.now()).total_seconds()) if self.until else 0.0

    async def succeeded(self) -> None:
        self.failures, self.until = 0, None
        if self._written:
            self._written = False
            await self._store.fetch("DELETE FROM alerting_rest WHERE channel = %s RETURNING channel", [self.channel])

    async def failed(self, reason: str) -> None:
        self.failures += 1
        self.reason = reason[:300]
        if self.failures < TRIPS_AT or self.resting:
            return
        seconds = min(LONGEST, SHORTEST * 2 ** min(10, self.failures - TRIPS_AT))
        now = clock.now()
        self.until, self._written = now + timedelta(seconds=seconds), True
        await self._store.fetch(WRITE, [self.channel, now, self.until, self.failures, self.reason])
