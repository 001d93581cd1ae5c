"""`lastmile keys new|rotate|status|reencrypt`: the keys of personal fields."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from rich.progress import Progress

from lastmile.kernel import audit, keys, rotation
from lastmile.kernel.crypto import keyring

FRESH = (
    "LASTMILE_SECRET_KEY={0}",
    "LASTMILE_FIELD_KEYS=1:{0}",
    "LASTMILE_INDEX_KEY={0}",
    "LASTMILE_LINK_KEY={0}",
    "LASTMILE_SEAL_KEY={0}",
)


class Command(BaseCommand):
    help = "Make keys for a new installation, or change the field key of a running one without stopping it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["new", "rotate", "status", "reencrypt"])

    def handle(self, *_args: Any, **options: Any) -> None:
        getattr(self, options["what"])()

    def new(self) -> None:
        """Lines for the environment of a new installation; nothing is stored."""
        self.stdout.write("\n".join(line.format(secrets.token_hex(32)) for line in FRESH))

    def rotate(self) -> None:
        """How to set the next key; nothing is changed."""
        self.stdout.write(keys.how_to_rotate())

    def status(self) -> None:
        for column in keys.columns():
            found = ", ".join(f"{number}: {count:,}" for number, count in sorted(keys.by_number(column).items()))
            self.stdout.write(f"{column}  {found or '-'}")

    def reencrypt(self) -> None:
        with Progress() as progress:
            for step in rotation.steps():
                task = progress.add_task(str(step), total=keys.waiting(step))
                for done in keys.reencrypt(step):
                    progress.advance(task, done)
        audit.record("kernel.keys_reencrypted", key=keyring().current)
        self.stdout.write(_("Every personal field is under key %(number)d.") % {"number": keyring().current})
