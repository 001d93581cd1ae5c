"""lastmile duties sample --place 4101 · lastmile duties refresh"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lastmile.duties.actions import gaps
from lastmile.duties.sample import departments


class Command(BaseCommand):
    help = "Work on duties in bulk: posts of departments for demos and drills; the gap radar counted anew."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        sample = verbs.add_parser("sample", help="posts of six departments under a place; nobody in them is real")
        sample.add_argument("--place", required=True, help="code of the place, e.g. 4101")
        sample.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")
        verbs.add_parser("refresh", help="count every kind of gap anew")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["verb"] == "refresh":
            self.stdout.write(f"{gaps.refresh():,} sums changed")
            return
        posts, people = departments(options["place"], options["seed"])
        self.stdout.write(f"{posts:,} posts of departments, {people:,} people in them")
