"""lastmile people generate --place 410182 --residents 20000 --seed 1"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lastmile.community.people.generate import populate
from lastmile.kernel.errors import Refusal


class Command(BaseCommand):
    help = "Work on people in bulk: generate an invented population."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        generate = verbs.add_parser("generate", help="settle invented people under a place; nobody in it is real")
        generate.add_argument("--place", required=True, help="code of the place, e.g. 410182")
        generate.add_argument("--residents", type=int, required=True, help="how many, up to 5,000,000")
        generate.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")
        generate.add_argument("--replace", action="store_true", help="remove generated people there first")

    def handle(self, *_args: Any, **options: Any) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns) as bar:
                task = bar.add_task("residents", total=options["residents"])
                doors = populate(
                    options["place"],
                    options["residents"],
                    options["seed"],
                    lambda done: bar.update(task, completed=done),
                    replace=options["replace"],
                )
        except Refusal as refusal:
            raise CommandError(f"{refusal.says} {refusal.mend}") from refusal
        self.stdout.write(f"{options['residents']:,} residents in {doors:,} households under {options['place']}")
