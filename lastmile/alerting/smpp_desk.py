"""Where the channel smpp keeps what it handed over, and what its centre reports: the house's side of channels/smpp.

A message is delivered once all its parts are. Hand-over and report of a part come in any order, by any bind and any
process; whichever is second finds the first. Two processes may hold the last two parts of a message at once, so one
transaction at a time looks whether a message is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Count, F

from lastmile.alerting import returns
from lastmile.alerting.channels import inbound
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.channels.inbound import Report
from lastmile.alerting.channels.smpp import desk
from lastmile.alerting.channels.smpp.desk import Handed, Known, News, Told
from lastmile.alerting.models import PartState, SmppPart
from lastmile.alerting.sql import statement
from lastmile.kernel import clock, locks

T = TypeVar("T")
CHANNEL = "smpp"
STATES = {"delivered": PartState.DELIVERED, "failed": PartState.FAILED}
EARLY = timedelta(days=1)  # a report that came before its hand-over came not much before
KEPT = timedelta(days=14)  # no centre reports later than that


class House:
    """Everything in one thread with one connection to the database: what gathers meanwhile is the next write."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="smpp-desk")

    async def known(self, centre: str, keys: Sequence[str]) -> list[Known]:
        return await self._do(known, centre, keys)

    async def write(self, centre: str, news: News) -> None:
        await self._do(write, centre, news)

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(lambda: connection.close()).result()
        self._thread.shutdown()

    async def _do(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _connected, work, *values)


def _connected(work: Callable[..., T], *values: Any) -> T:
    close_old_connections()
    try:
        return work(*values)
    except (OperationalError, InterfaceError):  # the database was restarted: once more on a new connection
        connection.close()
        return work(*values)
    finally:
        close_old_connections()


def register() -> None:
    desk.use(House())


def known(centre: str, keys: Sequence[str]) -> list[Known]:
    """Parts of these messages that the centre has taken before."""
    return [Known(*row) for row in _rows("smpp_known", {"centre": centre, "keys": list(keys)})]


@transaction.atomic
def write(centre: str, news: News) -> None:
    """Parts, what follows for messages, and answers, all or nothing."""
    returns.heard(news.replies, CHANNEL)
    if not (news.handed or news.told):
        return
    locks.wait("alerting.smpp")
    keys = _handed(centre, news.handed) | _told(centre, news.told)
    by_channel: dict[str, list[Report]] = {}
    for report in _whole(sorted(keys)) if keys else []:
        if report.event is not None:
            by_channel.setdefault(read_key(report.key).channel, []).append(report)
    for channel, reports in by_channel.items():
        returns.told(reports, channel)


def _handed(centre: str, handed: Sequence[Handed]) -> set[str]:
    """The keys of those for which a report was there already."""
    rows = list({one.number or f"\0{at}": one for at, one in enumerate(handed)}.values())
    if not rows:
        return set()
    values = {
        "centre": centre,
        "numbers": [one.number for one in rows],
        "keys": [one.key[:40] for one in rows],
        "references": [one.reference for one in rows],
        "part": [one.part for one in rows],
        "parts": [one.parts for one in rows],
        "at": [one.at for one in rows],
        "since": clock.now() - EARLY,
    }
    return {key for key, state in _rows("smpp_handed", values) if state}


def _told(centre: str, told: Sequence[Told]) -> set[str]:
    """The keys of those whose hand-over is known."""
    last: dict[str, Told] = {}
    for one in told:
        if one.number not in last or last[one.number].status != "delivered":
            last[one.number] = one
    if not last:
        return set()
    rows = list(last.values())
    values = {
        "centre": centre,
        "numbers": [one.number for one in rows],
        "states": [int(STATES[one.status]) for one in rows],
        "permanent": [one.permanent for one in rows],
        "at": [one.at for one in rows],
        "reasons": [one.reason[:60] for one in rows],
        "now": clock.now(),
    }
    return {key for (key,) in _rows("smpp_told", values) if key}


def _whole(keys: Sequence[str]) -> list[Report]:
    found = _rows("smpp_whole", {"keys": keys})
    return [
        Report(key, *inbound.whose(key), "delivered" if good else "failed", at, reason, permanent and not good)
        for key, good, at, reason, permanent in found
    ]


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(query), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def doubled() -> int:
    """Parts that went out again because nobody knew whether the first had been taken."""
    rows = SmppPart.objects.exclude(key="").values("key", "reference", "part").annotate(times=Count("id"))
    return sum(rows.filter(times__gt=1).values_list(F("times") - 1, flat=True))


def sweep() -> int:
    """The workers' duty: forget what no report will come for."""
    return SmppPart.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
