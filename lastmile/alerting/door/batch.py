"""Many small requests become one piece of database work: whatever waits while one batch commits is the next batch."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

In = TypeVar("In")
Out = TypeVar("Out")


class Full(Exception):
    """More is waiting than can be answered soon."""


class Batcher(Generic[In, Out]):
    """`await batcher(item)` gives the item's result once `work`, called in a thread of its own, has returned it.

    `work` gets a list and returns one result for each; it commits before it returns and may be repeated.
    """

    def __init__(self, work: Callable[[list[In]], list[Out]], *, most: int = 500, waiting: int = 5_000) -> None:
        self.work = work
        self.most = most
        self.waiting = waiting
        self._queue: deque[tuple[In, asyncio.Future[Out]]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door")  # one database connection

    async def __call__(self, item: In) -> Out:
        if len(self._queue) >= self.waiting:
            raise Full
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Out] = loop.create_future()
        self._queue.append((item, future))
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(self.most, len(self._queue)))]
            try:
                loop = asyncio.get_running_loop()
                results = await loop.run_in_executor(self._thread, self._work, [item for item, _future in batch])
            except Exception as error:  # noqa: BLE001, RUF100  (whatever it was, nobody may wait for ever)
                for _item, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_item, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

    def _work(self, items: list[In]) -> list[Out]:
        close_old_connections()
        try:
            return self.work(items)
        except (OperationalError, InterfaceError):  # the database was restarted: once more on a new connection
            connection.close()
            return self.work(items)
