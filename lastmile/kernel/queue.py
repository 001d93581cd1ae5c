"""The one queue: Procrastinate on the same PostgreSQL.

Jobs are enqueued with `task.defer(...)` inside the transaction that needs them: they exist exactly when it commits.
Rooms declare tasks in their `tasks.py` with `@app.task(...)`.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

__all__ = ["app"]
