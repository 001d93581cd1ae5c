"""What `lastmile run` and `lastmile serve` start, and what must be in place before."""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lastmile.site.children import Child, lastmile

POOL = 24  # database connections of one web process at most


def missing_migrations() -> int:
    """How many migrations the database has not seen yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Bring the tables up to date. Where they are, in a tenth of the time of asking Django to make sure."""
    if missing_migrations():
        call_command("migrate", interactive=False, verbosity=0)


def prepare() -> None:
    """Bring the database up to date; gather the static files where nobody has."""
    migrate()
    if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def granian(host: str, port: int, workers: int) -> list[str]:
    """The command line of the web server."""
    options = {"--interface": "asgi", "--host": host, "--port": port, "--workers": workers, "--log-level": "warning"}
    words = [word for name, value in options.items() for word in (name, str(value))]
    kept_up = ["--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10"]
    return [sys.executable, "-m", "granian", *words, *kept_up, "lastmile.site.asgi:application"]


def house(*, host: str, port: int, workers: int, with_worker: bool) -> list[Child]:
    """Every process of one machine."""
    children = [Child("web", granian(host, port, workers), {"LASTMILE_DB_POOL": str(POOL)})]
    if with_worker:
        children.append(Child("worker", lastmile("worker")))
    return children
