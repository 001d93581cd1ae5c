"""All lanes of one worker, woken by the database when a warning is issued."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import psycopg

from lastmile.alerting.channels.contract import Channel
from lastmile.alerting.dispatch.events import Events
from lastmile.alerting.dispatch.lane import Lane, renew_for_ever
from lastmile.alerting.dispatch.store import LOST, Store, database
from lastmile.alerting.manifest import WAKE

log = logging.getLogger(__name__)


class Dispatcher:
    def __init__(self, owner: str, channels: Sequence[Channel]) -> None:
        self.store = Store(owner)
        events = Events(self.store)
        self.lanes = [Lane(channel, self.store, events) for channel in channels]

    @property
    def told(self) -> int:
        """People handed over since the start."""
        return sum(lane.told for lane in self.lanes)

    async def run(self) -> None:
        """Until `stop` is called and everything under way is settled."""
        await self.store.open()
        helpers = [
            asyncio.create_task(self.store.keep_journal()),
            asyncio.create_task(renew_for_ever(self.lanes, self.store)),
            asyncio.create_task(self._listen()),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self.lanes:
                    group.create_task(lane.run())
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self.store.close()

    def stop(self) -> None:
        for lane in self.lanes:
            lane.stop()

    def wake(self) -> None:
        for lane in self.lanes:
            lane.wake.set()

    async def _listen(self) -> None:
        """Notifications only save waiting: lanes also look by themselves every second."""
        while True:
            with contextlib.suppress(*LOST):
                async with await psycopg.AsyncConnection.connect(**database(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {WAKE}")
                    self.wake()
                    async for _notification in connection.notifies():
                        self.wake()
            await asyncio.sleep(0.5)
