"""By whose account calls leave: a lane for each channel, and one more for each account of a place (routes.py).

What a lane sends is under way in a loop of its own thread. A far side that keeps us waiting holds up nobody else: its
answers are settled in a later round, and until then nothing more is claimed for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from lastmile.alerting import routes
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Capabilities, Channel
from lastmile.alerting.routes import EVERYWHERE, Route, Scope

T = TypeVar("T")

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}  # by process: a forked one needs its own


class Lane(NamedTuple):
    """`make` gives a channel with connections of its own."""

    channel: str
    can: Capabilities
    make: Callable[[], Channel]
    scope: Scope = EVERYWHERE

    @property
    def key(self) -> tuple[str, int]:
        return self.channel, self.scope.account


def own(name: str) -> Lane:
    """The installation's own, for everywhere."""
    return Lane(name, registry.capabilities(name), registry.MAKERS[name])


def now() -> Iterator[Lane]:
    """As the accounts are at this moment. One that can't be opened has no lane: what is its waits."""
    found = routes.current()
    for name in registry.addressed():
        yield own(name)._replace(scope=routes.scope(0, "", name, found))
        for route in found:
            if route.channel == name:
                yield from _of_place(route, found)


def _of_place(route: Route, all_of_them: list[Route]) -> Iterator[Lane]:
    made = routes.made(route)
    if made is not None:
        scope = routes.scope(route.account, route.place, route.channel, all_of_them)
        yield Lane(route.channel, made.can, lambda: made, scope)


def begin(job: Coroutine[Any, Any, T]) -> Future[T]:
    """Start it in the loop of this process and come back at once."""
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="calls", daemon=True).start()
    return asyncio.run_coroutine_threadsafe(job, loop)
