"""The one queue: Procrastinate on the same PostgreSQL.

Jobs are enqueued with `task.defer(...)` inside the transaction that needs them: they exist exactly when it commits.
Rooms declare tasks in their `tasks.py` with `@app.task(...)`.
"""

from __future__ import annotations

from collections.abc import Callable

from procrastinate import JobContext
from procrastinate.contrib.django import app

__all__ = ["app", "tried"]


def tried(context: JobContext, most: int, run: Callable[[], None], give_up: Callable[[], None]) -> None:
    """Run a job that is tried at most so many times, by an error or because its worker died, and is then given up: what
    waits for it must not wait for ever. The task's RetryStrategy allows one attempt less."""
    before = context.job.attempts
    if before >= most:  # it has killed that many workers
        give_up()
        return
    try:
        run()
    except Exception:
        if before + 1 >= most:
            give_up()
        raise
