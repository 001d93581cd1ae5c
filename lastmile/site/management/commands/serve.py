"""`lastmile serve`: only the web, on a database that others keep; for a machine behind a load balancer."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lastmile.site import running


class Command(BaseCommand):
    help = "Serve the web in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *_args: Any, **options: Any) -> None:
        os.environ.setdefault("LASTMILE_DB_POOL", str(running.POOL))
        command = running.granian(options["host"], options["port"], options["workers"])
        os.execv(command[0], command)  # noqa: S606  (the server takes this process's place and gets its signals)
