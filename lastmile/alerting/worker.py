"""`lastmile worker`: one process that hands over, counts, expires, watches, and runs the queue.

Everything in it is kept up by itself: a part that fails is logged, shown and started again, and none stops another.
Any number of workers may run, on any number of machines.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from django.db import close_old_connections
from django.db.models import F

from lastmile.alerting import close, fallback, fold, heard, smpp_desk, watchdog
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.chat import telling as chat
from lastmile.alerting.deployments import sending, writing
from lastmile.alerting.dispatch import Dispatcher
from lastmile.alerting.fatigue import counting as fatigue
from lastmile.alerting.followers import telling as followers
from lastmile.alerting.models import DutyRun, Worker
from lastmile.alerting.neighbours import rounds as neighbours
from lastmile.alerting.readiness import channels as channel_checks
from lastmile.alerting.readiness import rounds as readiness
from lastmile.alerting.sources import polling, proposing
from lastmile.alerting.sources import rules as source_rules
from lastmile.alerting.subscribers import pushing as subscribers
from lastmile.alerting.terminals import owing as terminals
from lastmile.alerting.terminals.hub import Hub
from lastmile.alerting.visits import rounds
from lastmile.community.people import contact_sheets
from lastmile.duties import escalation
from lastmile.duties.actions import checklists, digest, gaps
from lastmile.kernel import chores, clock
from lastmile.kernel.queue import app

log = logging.getLogger(__name__)

PULSE = 3.0  # seconds between two signs of life
NOTE = 10.0  # seconds between two notes that a duty is well; a failure is noted at once
GRACE = 8.0  # seconds for everything under way after SIGTERM
PUT_OFF = 60.0  # seconds for which a duty that can wait leaves the database to messages that go out
LOOK = 0.5  # seconds between looks whether they still do
STALLED = 15.0  # seconds without a heartbeat after which the job of a dead worker is done again


class Duty(NamedTuple):
    """`waits`: it looks at everybody and can wait a minute while people are being told."""

    name: str
    every: float
    do: Callable[[], int]
    waits: bool = False


DUTIES = [
    Duty("fold", 0.5, fold.fold),
    Duty("fallback", 2.0, fallback.fall_back),
    Duty("cascade", 1.0, tick.run),
    Duty("passed on", 5.0, tick.relay),
    Duty("calls", 0.5, calling.run),
    Duty("calls unreported", 20.0, heard.ask),
    Duty("neighbours", 2.0, neighbours.tick),
    Duty("visits", 2.0, rounds.tick),
    Duty("contact sheets", 1.0, contact_sheets.renew),
    Duty("loudspeakers", 15.0, terminals.tick),
    Duty("expire", 5.0, close.expire),
    Duty("sources", 1.0, polling.tick),
    Duty("proposals", 1.0, source_rules.run),
    Duty("subscribers", 1.0, subscribers.tick),
    *(Duty(f"followers by {kind}", 1.0, partial(followers.tick, kind)) for kind in followers.SENDERS),
    *(Duty(f"chat groups by {kind}", 1.0, partial(chat.tick, kind)) for kind in chat.KINDS),
    Duty("deployment receipts", 2.0, writing.tick),
    Duty("deployments", 1.0, sending.tick),
    Duty("old receipts", 3600.0, writing.sweep),
    Duty("proposals over", 15.0, proposing.refresh),
    Duty("messages", 300.0, fatigue.tick),
    Duty("readiness", 60.0, readiness.tick),
    Duty("channel checks", 60.0, channel_checks.tick),
    Duty("smpp parts", 3600.0, smpp_desk.sweep),
    Duty("watchdog", 15.0, watchdog.look),
    Duty("escalate", 5.0, escalation.run),
    Duty("digest", 30.0, digest.tick),
    Duty("gaps", 20.0, gaps.refresh_due, waits=True),
    Duty("checklists", 5.0, checklists.tick),
]


def duties() -> list[Duty]:
    """Those of the engine, and what rooms above have registered."""
    return [*DUTIES, *(Duty(*chore) for chore in chores.every())]


class WorkerProcess:
    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(3)}"
        self.dispatcher = Dispatcher(self.name, [registry.channel(name) for name in registry.addressed()])
        self.stopping = asyncio.Event()
        self._threads = ThreadPoolExecutor(max_workers=len(duties()) + 1, thread_name_prefix="duty")
        self._noted: dict[str, float] = {}

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        parts: list[Awaitable[None]] = [
            self._keep("dispatch", self.dispatcher.run),
            self._keep("queue", self._queue),
            self._keep("broker", Hub(self.name, self._in_thread).run),
            self._every("pulse", PULSE, self._pulse),
            *(self._duty(duty) for duty in duties()),
        ]
        tasks = [asyncio.ensure_future(part) for part in parts]
        log.info("worker %s: channels %s", self.name, [lane.name for lane in self.dispatcher.lanes])
        await self.stopping.wait()
        await self._stop(tasks)

    async def _stop(self, tasks: Sequence[asyncio.Future[None]]) -> None:
        """Send nothing more, settle what is under way, say good-bye."""
        self.dispatcher.stop()
        dispatch, *others = tasks
        for task in others:
            task.cancel()
        await asyncio.wait([dispatch], timeout=GRACE)
        dispatch.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._in_thread(self._leave)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _keep(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Run a part that should never end; start it again when it does."""
        while not self.stopping.is_set():
            try:
                await part()
            except Exception:
                log.exception("%s stopped; it starts again in a second", name)
            if not self.stopping.is_set():
                await asyncio.sleep(1)

    async def _duty(self, duty: Duty) -> None:
        before = partial(quiet, lambda: self.dispatcher.busy) if duty.waits else None
        await self._every(duty.name, duty.every, duty.do, first=min(duty.every, PULSE), before=before)

    async def _every(
        self,
        name: str,
        seconds: float,
        do: Callable[[], int],
        *,
        first: float = 0.0,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        await asyncio.sleep(first)  # the first pulse comes before anybody looks for one
        while True:
            if before is not None:
                await before()
            try:
                await self._in_thread(do)
            except Exception as error:
                log.exception("duty %s failed", name)
                await self._note(name, f"{type(error).__name__}: {error}"[:300])
            else:
                await self._note(name, "")
            await asyncio.sleep(seconds)

    async def _in_thread(self, do: Callable[..., Any], *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_connection, do, *values)

    async def _note(self, name: str, error: str) -> None:
        """What the watchdog reads. When the database is away there is nothing to write it to."""
        now = asyncio.get_running_loop().time()
        if not error and now - self._noted.get(name, -NOTE) < NOTE:
            return
        try:
            await self._in_thread(_note, name, error)
            self._noted[name] = -NOTE if error else now
        except Exception as lost:  # the log has said it already
            log.warning("duty %s could not be noted: %s", name, lost)

    def _pulse(self) -> int:
        now = clock.now()
        values = {"seen_at": now, "told": self.dispatcher.told}
        Worker.objects.update_or_create(name=self.name, defaults=values, create_defaults=values | {"started_at": now})
        return 1

    def _leave(self) -> None:
        Worker.objects.filter(name=self.name).delete()

    async def _queue(self) -> None:
        """The Procrastinate worker of all queues, on this loop; jobs of workers that died are done again."""
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
        with app.replace_connector(connector) as workers:
            async with workers.open_async():
                redo = asyncio.create_task(self._redo_stalled(workers))
                try:
                    await workers.run_worker_async(
                        name=self.name,
                        concurrency=2,
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=GRACE,
                        update_heartbeat_interval=3.0,
                        stalled_worker_timeout=STALLED,
                    )
                finally:
                    redo.cancel()

    async def _redo_stalled(self, workers: Any) -> None:
        while True:
            await asyncio.sleep(STALLED)
            try:
                for job in await workers.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                    log.warning("job %s of a dead worker is done again", job.id)
                    await workers.job_manager.retry_job(job)
            except Exception as error:
                log.warning("stalled jobs were not looked for: %s", error)


async def quiet(busy: Callable[[], bool]) -> None:
    """Until nobody is being told any more, or PUT_OFF is over: a slow gateway may take hours."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PUT_OFF):
            while busy():
                await asyncio.sleep(LOOK)


def _with_connection(do: Callable[..., Any], *values: Any) -> Any:
    """Threads of the pool live long: a connection that the server has dropped must not stay with them."""
    close_old_connections()
    try:
        return do(*values)
    finally:
        close_old_connections()


def _note(name: str, error: str) -> None:
    now = clock.now()
    if not error:
        DutyRun.objects.update_or_create(name=name, defaults={"done_at": now, "failures": 0, "error": ""})
        return
    run, _new = DutyRun.objects.get_or_create(name=name)
    DutyRun.objects.filter(pk=run.pk).update(failed_at=now, failures=F("failures") + 1, error=error)


def run_worker() -> None:
    """Until SIGTERM or SIGINT."""
    asyncio.run(_main())


async def _main() -> None:
    await WorkerProcess().run()
