"""`lastmile demo`: the main job on real input; `make demo` calls it."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Replay the red rainstorm warning of 20 July 2021 in Zhengzhou: real places, invented residents, the whole way "
        "from draft to the last household. Uses a database of its own in the embedded PostgreSQL."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="exit with a report and a code instead of staying open")
        parser.add_argument("--residents", type=int, default=20_000, help="invented residents of Xingyang")
        parser.add_argument("--speed", type=float, default=20.0, help="how many times faster than real people answer")
        parser.add_argument("--port", type=int, default=8000, help="the first port to try")
        parser.add_argument("--inside", action="store_true", help="(used by itself)")

    def handle(self, *_args: Any, **options: Any) -> None:
        from lastmile.site.demo import stage

        if not settings.EMBEDDED_DATABASE:
            raise CommandError("The demo uses its own embedded database: unset DATABASE_URL and start it again.")
        if options["residents"] < 100 or options["speed"] <= 0:
            raise CommandError("--residents must be at least 100, and --speed above 0.")
        if not options["inside"]:
            given = [word for word in sys.argv[2:] if word != "--inside"]
            stage.enter(given, stage.free_port(options["port"]))
        from lastmile.site.demo import story

        sys.exit(story.play(residents=options["residents"], speed=options["speed"], once=options["once"]))
