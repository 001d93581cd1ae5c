"""`lastmile audit verify|export`: prove the audit trail, or hand it over."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lastmile.kernel import audit, clock


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.BEIJING)


class Command(BaseCommand):
    help = "Verify the audit trail (exit code 1 names the broken entry), or write it out as JSON lines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "export"])
        parser.add_argument("--noted", help="ENTRY:DIGEST noted down earlier; fails if the trail disagrees with it")
        parser.add_argument("--since", type=moment, help="Beijing time, as 2026-07-20 or 2026-07-20T09:08")
        parser.add_argument("--until", type=moment)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["what"] == "export":
            for line in audit.export(since=options["since"], until=options["until"]):
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            return audit.record("kernel.audit_exported")
        checked, found = audit.verify()
        if found is not None:
            raise CommandError(f"{_('broken at entry')} {found.entry}: {audit.reason(found)}", returncode=1)
        entry, _colon, digest = (options["noted"] or "").partition(":")
        if entry and not audit.agrees(int(entry), bytes.fromhex(digest)):
            raise CommandError(_("The trail no longer holds the entry and digest that were noted down."), returncode=1)
        last, seal = audit.head()
        self.stdout.write(_("The chain holds: %(n)s entries, none altered or removed.") % {"n": f"{checked:,}"})
        self.stdout.write(_("Note this down elsewhere: %(noted)s") % {"noted": f"{last}:{seal.hex()}"})
        return None
