"""`lastmile keys new|rotate|status|reencrypt`: the keys of personal fields."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.progress import Progress

from lastmile.kernel import audit, ciphers, keys, rotation
from lastmile.kernel.crypto import keyring

FRESH = (  # besides the keys of the fields
    "LASTMILE_SECRET_KEY={0}",
    "LASTMILE_INDEX_KEY={0}",
    "LASTMILE_LINK_KEY={0}",
    "LASTMILE_SEAL_KEY={0}",
)


class Command(BaseCommand):
    help = "Make keys for a new installation, or change the field key of a running one without stopping it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["new", "rotate", "status", "reencrypt"])
        parser.add_argument("--cipher", choices=list(ciphers.SIZES), help="of new|rotate: AES-256-GCM, or SM4-GCM")

    def handle(self, *_args: Any, **options: Any) -> None:
        what, cipher = options["what"], options["cipher"]
        if what in {"new", "rotate"}:
            getattr(self, what)(cipher)
        elif cipher:
            raise CommandError(_("--cipher belongs to “new” and “rotate”: a cipher comes with a new key."))
        else:
            getattr(self, what)()

    def new(self, cipher: str | None) -> None:
        """Lines for the environment of a new installation; nothing is stored."""
        lines = [line.format(secrets.token_hex(32)) for line in FRESH]
        lines.insert(1, f"LASTMILE_FIELD_KEYS=1:{ciphers.fresh(cipher or 'aes')}")
        self.stdout.write("\n".join(lines))

    def rotate(self, cipher: str | None) -> None:
        """How to set the next key, of the cipher in use or another; nothing is changed."""
        self.stdout.write(keys.how_to_rotate(cipher or ""))

    def status(self) -> None:
        for number, cipher in keyring().ciphers.items():
            self.stdout.write(f"{number}: {cipher}")
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
