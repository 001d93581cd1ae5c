"""`lastmile scenario list|play`: real events, played again as exercises in the demo's database."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.kernel.errors import Refusal
from lastmile.site.scenarios.plans import NAMES, plan, plans

RESIDENTS = 20_000  # of the demo's county, as `lastmile demo` has them


class Command(BaseCommand):
    help = "List the scenarios, or play one on the engine: an exercise with invented people in the demo's database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="the scenarios there are")
        play = what.add_parser("play", help="play one, or all; what was played already is left alone")
        play.add_argument("names", nargs="+", choices=[*NAMES, "all"], metavar="NAME", help="a name, or: all")
        play.add_argument("--inside", action="store_true", help="(used by itself)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["what"] == "list":
            for one in plans():
                self.stdout.write(f"{one.name:<16} {one.heading}")
            return
        if not settings.EMBEDDED_DATABASE:
            raise CommandError("Scenarios bring invented people: they are played in the demo's own embedded database.")
        names = NAMES if "all" in options["names"] else options["names"]
        if not options["inside"]:
            _enter(names)
        self._play(names)

    def _play(self, names: Any) -> None:
        from lastmile.site.demo import city
        from lastmile.site.running import migrate
        from lastmile.site.scenarios.play import play

        migrate()
        city.set_up(
            RESIDENTS, lambda line: self.stdout.write(f"  {line}")
        )  # the demo's city, where it is not there yet
        for name in names:
            began = time.monotonic()
            try:
                run = play(plan(name))
            except Refusal as refusal:
                raise CommandError(f"{refusal.says} {refusal.mend}") from refusal
            seconds = time.monotonic() - began
            self.stdout.write(f"{name}: {len(run.frames)} changes on the pages, {seconds:.1f} s, /scenarios/{name}/")
        if "miyun-2025" in names:
            city.give_log_ins(city.GUESTS)


def _enter(names: Any) -> None:
    """The same program in the demo's database, with no channel but the invented phones."""
    from lastmile.kernel import embedded
    from lastmile.site.children import lastmile
    from lastmile.site.demo import stage

    embedded.ensure(Path(settings.VAR) / "pg")
    surroundings = stage.environment(8000) | {"LASTMILE_CHANNELS": "fake"}
    os.execve(sys.executable, lastmile("scenario", "play", *names, "--inside"), surroundings)  # noqa: S606  (ourselves)
