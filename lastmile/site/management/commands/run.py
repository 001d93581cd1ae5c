"""`lastmile run`: the whole house on one machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lastmile.site import running, welcome
from lastmile.site.children import Family


class Command(BaseCommand):
    help = "Start database, web and worker; restart what crashes; stop all with Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="web processes")
        parser.add_argument("--no-worker", action="store_true", help="only the web")

    def handle(self, *_args: Any, **options: Any) -> None:
        running.prepare()
        address = f"http://{options['host']}:{options['port']}"
        self.stdout.write(f"Lastmile: {address}/   (Ctrl-C stops it)")
        if welcome.is_open():
            self.stdout.write(f"This system is empty. Set it up at {address}{welcome.path()}")
        self.stdout.flush()
        wanted = {name: options[name] for name in ("host", "port", "workers")}
        family = Family(running.house(**wanted, with_worker=not options["no_worker"]))
        family.start()
        family.run()
