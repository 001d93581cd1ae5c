"""The one event loop of a process in which all SMPP connections live, whoever sends: dispatch, a cascade, a page.

A centre allows few binds for an account, so all channels of a process that have the same options share them.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from lastmile.alerting.channels.smpp.desk import Desk
from lastmile.alerting.channels.smpp.exchange import Exchange
from lastmile.alerting.channels.smpp.options import Options

T = TypeVar("T")

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}  # by process: a forked one needs its own
_exchanges: dict[tuple[int, Options, int], Exchange] = {}


def exchange(options: Options, desk: Desk) -> Exchange:
    """The connections of an account, shared in this process."""
    key = (os.getpid(), options, id(desk))
    with _lock:
        if key not in _exchanges:
            _exchanges[key] = Exchange(options, desk)
        return _exchanges[key]


async def ask(job: Coroutine[Any, Any, T]) -> T:
    """Do it in the loop of the connections and wait for it here."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(job, _loop()))


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="smpp", daemon=True).start()
        return loop
