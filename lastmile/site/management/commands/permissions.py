"""`lastmile permissions`: write docs/permissions.md from the code; a test compares the two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.site import doors
from lastmile.site.api_doors import DOORS

TARGET = Path(__file__).resolve().parents[4] / "docs" / "permissions.md"


class Command(BaseCommand):
    help = "Write docs/permissions.md, or with --check say whether it is up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        if unsaid := sorted(doors.operations() - set(DOORS)):
            raise CommandError(f"say in lastmile/site/api_doors.py what these ask for: {', '.join(unsaid)}")
        if not options["check"]:
            TARGET.write_text(doors.document(), encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != doors.document():
            raise CommandError("docs/permissions.md is not what the code says; run: lastmile permissions")
