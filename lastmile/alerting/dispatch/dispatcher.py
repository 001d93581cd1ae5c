"""All lanes of one worker, woken by the database when a warning is issued."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import psycopg

from lastmile.alerting import routes
from lastmile.alerting.channels.contract import Channel
from lastmile.alerting.dispatch.events import Events
from lastmile.alerting.dispatch.lane import Lane, renew_for_ever
from lastmile.alerting.dispatch.store import LOST, Store, database
from lastmile.alerting.manifest import WAKE

log = logging.getLogger(__name__)


class Dispatcher:
    """`lanes` are those of the installation's own accounts first, then those of places."""

    def __init__(self, owner: str, channels: Sequence[Channel]) -> None:
        self.store = Store(owner)
        self._events = Events(self.store)
        self._own = [Lane(channel, self.store, self._events) for channel in channels]
        self._of_places: dict[tuple[Any, ...], Lane] = {}
        self._ending: set[Lane] = set()  # of accounts that have changed: what they hold is settled
        self._stopping = False
        self._told = 0  # by lanes that are gone

    @property
    def lanes(self) -> list[Lane]:
        return [*self._own, *self._of_places.values(), *self._ending]

    @property
    def told(self) -> int:
        """People handed over since the start."""
        return self._told + sum(lane.told for lane in self.lanes)

    @property
    def busy(self) -> bool:
        """Something is being handed over at this moment."""
        return any(lane.held() for lane in self.lanes)

    async def run(self) -> None:
        """Until `stop` is called and everything under way is settled."""
        await self.store.open()
        helpers = [
            asyncio.create_task(self.store.keep_journal()),
            asyncio.create_task(renew_for_ever(lambda: self.lanes, self.store)),
            asyncio.create_task(self._listen()),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                with contextlib.suppress(*LOST):  # then they are read a little later
                    await self._route(group)
                for lane in self._own:
                    group.create_task(lane.run())
                helpers.append(asyncio.create_task(self._route_for_ever(group)))
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self.store.close()

    def stop(self) -> None:
        self._stopping = True
        for lane in self.lanes:
            lane.stop()

    def wake(self) -> None:
        for lane in self.lanes:
            lane.wake.set()

    async def _route_for_ever(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping:
            await asyncio.sleep(routes.FRESH)
            try:
                await self._route(group)
            except LOST as error:
                log.warning("the accounts of places were not read: %s", error)

    async def _route(self, group: asyncio.TaskGroup) -> None:
        """Lanes for the accounts as they are now; one that has changed ends and is made anew."""
        names = {lane.name for lane in self._own}
        found = [route for route in map(routes.route, await self.store.fetch(routes.READ)) if route.channel in names]
        if self._stopping:
            return
        for version in self._of_places.keys() - {route.version for route in found}:
            gone = self._of_places.pop(version)
            self._ending.add(gone)
            gone.stop()
        for lane in self._own:
            lane.scope = routes.scope(0, "", lane.name, found)
        for route in found:
            scope = routes.scope(route.account, route.place, route.channel, found)
            if route.version in self._of_places:
                self._of_places[route.version].scope = scope
            elif channel := routes.made(route):
                lane = Lane(channel, self.store, self._events, name=route.channel, scope=scope)
                self._of_places[route.version] = lane
                group.create_task(self._of_place(lane))

    async def _of_place(self, lane: Lane) -> None:
        await lane.run()
        if lane in self._ending:
            self._ending.remove(lane)
            self._told += lane.told

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
