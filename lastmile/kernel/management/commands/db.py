"""`lastmile db start|stop|status`: the embedded PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.kernel import embedded


class Command(BaseCommand):
    help = "Start, stop or ask after the embedded PostgreSQL."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["start", "stop", "status"])

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.EMBEDDED_DATABASE:
            raise CommandError("DATABASE_URL is set: this installation uses its own PostgreSQL, not the embedded one.")
        data = settings.VAR / "pg"
        if options["what"] == "start":
            embedded.ensure(data)
        elif options["what"] == "stop":
            self.stdout.write("stopped" if embedded.stop(data) else "was not running")
            return
        pid = embedded.running(data)
        self.stdout.write(f"running, pid {pid}, socket in {embedded.socket_dir(data)}" if pid else "not running")
