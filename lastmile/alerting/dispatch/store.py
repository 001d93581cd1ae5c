"""What dispatch asks of the database, on connections of its own that come back by themselves.

Writes of many batches that fall into the same moment become one statement (group commit): while one is under way, the
next ones gather.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from lastmile.alerting.dispatch.work import Sheet, Work
from lastmile.alerting.routes import EVERYWHERE, Scope
from lastmile.alerting.sql import statement
from lastmile.kernel import clock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.DISPATCH_LEASE)
LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)  # the server went away: wait and ask again


def database() -> dict[str, Any]:
    """Connection parameters of the default database, for connections outside Django."""
    parameters = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return parameters


class Store:
    def __init__(self, owner: str, *, size: int = 6) -> None:
        self.owner = owner
        self._pool = AsyncConnectionPool(
            kwargs=database() | {"autocommit": True},
            min_size=1,
            max_size=size,
            timeout=10,
            reconnect_timeout=60,
            open=False,
        )
        self._dirty: dict[int, tuple[Work, list[asyncio.Future[bool | None]]]] = {}
        self._gathered = asyncio.Event()

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close(timeout=5)

    async def claim(
        self, channel: str, *, limit: int, floor: int, scope: Scope = EVERYWHERE
    ) -> list[tuple[Work, bool]]:
        """Up to `limit` due batches above the priority `floor`, and whether their warning is still in force."""
        now = clock.now()
        values = {"now": now, "lease": now + LEASE, "owner": self.owner}
        values |= {"channel": channel, "limit": limit, "floor": floor}
        values |= {"account": scope.account, "inside": scope.inside, "outside": list(scope.outside)}
        rows = await self._rows("claim", values)
        works = [(Work(*row[:-1]), row[-1]) for row in rows]
        return sorted(works, key=lambda work: (-work[0].priority, work[0].id))

    async def sheets(self, batches: Sequence[int], kind: str) -> dict[int, Sheet]:
        """The contact sheets of batches, where there is one."""
        rows = await self._rows("load_sheets", {"ids": batches, "kind": kind})
        return {batch: Sheet(*sheet) for batch, *sheet in rows}

    async def contacts(self, persons: Sequence[int], kind: str) -> list[tuple[int, bytes | None, str | None]]:
        """The sealed contact, if any, and the language, if another than Chinese, of each person."""
        rows: list[tuple[int, bytes | None, str | None]] = await self._rows("load", {"persons": persons, "kind": kind})
        return rows

    async def doors(self, batches: Sequence[int]) -> list[tuple[int, int, list[int]]]:
        """The warning of each batch, and the households of its place in the order of their numbers."""
        return await self._rows("door_codes", {"ids": batches})

    async def homes(self, batches: Sequence[int]) -> dict[int, dict[int, int]]:
        """For each batch the household of everybody who lives where they are told."""
        rows = await self._rows("load_homes", {"ids": batches}) if batches else []
        return {batch: dict(zip(persons, homes, strict=True)) for batch, persons, homes in rows}

    async def renew(self, works: Sequence[Work]) -> None:
        values = {"ids": [work.id for work in works], "owner": self.owner, "lease": clock.now() + LEASE}
        async with self._pool.connection() as connection:
            await connection.execute(statement("renew"), values)

    async def fetch(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        async with self._cursor() as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()

    async def write(self, work: Work) -> bool | None:
        """Write the batch back. True: its warning is in force; False: it is over; None: another worker holds it."""
        _work, waiting = self._dirty.setdefault(work.id, (work, []))
        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        waiting.append(answer)
        self._gathered.set()
        return await answer

    async def keep_journal(self) -> None:
        """Runs for the life of the store; survives a restart of the server."""
        while True:
            await self._gathered.wait()
            self._gathered.clear()
            taken, self._dirty = self._dirty, {}
            answers = await self._insist([work for work, _waiting in taken.values()])
            for key, (_work, waiting) in taken.items():
                for answer in waiting:
                    if not answer.done():
                        answer.set_result(answers.get(key))

    async def _insist(self, works: Sequence[Work]) -> dict[int, bool]:
        """Until the server takes it. Writing twice is harmless; not writing would send twice."""
        wait = 0.1
        while True:
            try:
                return await self._write_all(works)
            except LOST as error:
                log.warning("the database is away, the journal waits: %s", error)
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)

    async def _write_all(self, works: Sequence[Work]) -> dict[int, bool]:
        now = clock.now()
        values = {
            "now": now,
            "lease": now + LEASE,
            "owner": self.owner,
            "ids": [work.id for work in works],
            "states": [bytes(work.states) for work in works],
            "due": [work.due_at if work.done else now for work in works],
            "attempts": [work.attempts for work in works],
            "errors": [work.error for work in works],
            "done": [work.done for work in works],
            "handed": [work.handed for work in works],
            "parts": [work.parts for work in works],
        }
        return dict(await self._rows("journal", values))

    async def _rows(self, name: str, values: dict[str, Any]) -> list[Any]:
        async with self._cursor() as cursor:
            await cursor.execute(statement(name), values)
            return await cursor.fetchall()

    @contextlib.asynccontextmanager
    async def _cursor(self) -> AsyncIterator[psycopg.AsyncCursor[Any]]:
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            yield cursor
