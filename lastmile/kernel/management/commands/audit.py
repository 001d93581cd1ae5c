"""`lastmile audit verify|export|archive`: prove the audit trail, hand it over, or write the months that are over."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lastmile.kernel import archive, audit, clock
from lastmile.kernel.models import AuditArchive


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.BEIJING)


class Command(BaseCommand):
    help = "Verify the audit trail and its archives (exit code 1 names the broken entry), or write them out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "export", "archive"])
        parser.add_argument("--noted", help="ENTRY:DIGEST noted down earlier; fails if the trail disagrees with it")
        parser.add_argument("--since", type=moment, help="Beijing time, as 2026-07-20 or 2026-07-20T09:08")
        parser.add_argument("--until", type=moment)
        parser.add_argument("--folder", type=Path, help="where archives are written to, or were, for comparison")

    def handle(self, *_args: Any, **options: Any) -> None:
        getattr(self, options["what"])(**options)

    def export(self, *, since: datetime | None, until: datetime | None, **_options: Any) -> None:
        for line in audit.export(since=since, until=until):
            self.stdout.write(json.dumps(line, ensure_ascii=False))
        audit.record("kernel.audit_exported")

    def archive(self, *, folder: Path | None, **_options: Any) -> None:
        """Write what is due, and copy what the folder lacks."""
        written = archive.write_due()
        self.stdout.write(_("%(n)d months archived.") % {"n": written})
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for pk in AuditArchive.objects.order_by("month").values_list("pk", flat=True):
            for name, content in archive.files(AuditArchive.objects.get(pk=pk)).items():
                if not (folder / name).exists():
                    (folder / name).write_bytes(content)
                    self.stdout.write(str(folder / name))
        audit.record("kernel.audit_exported", archives=True)

    def verify(self, *, noted: str | None, folder: Path | None, **_options: Any) -> None:
        checked, found = audit.verify()
        if found is not None:
            raise CommandError(f"{_('broken at entry')} {found.entry}: {audit.reason(found)}", returncode=1)
        if (fault := archive.verify()) is not None:
            raise CommandError(f"{_('broken in the archive')} {fault}", returncode=1)
        entry, _colon, digest = (noted or "").partition(":")
        if entry and not self._agrees(int(entry), bytes.fromhex(digest)):
            raise CommandError(_("The trail no longer holds the entry and digest that were noted down."), returncode=1)
        self._compare(folder)
        last, seal = audit.head()
        archived = sum(AuditArchive.objects.values_list("entries", flat=True))
        self.stdout.write(_("The chain holds: %(n)s entries, none altered or removed.") % {"n": f"{checked:,}"})
        self.stdout.write(_("Archives: %(n)s entries, signed, none altered or missing.") % {"n": f"{archived:,}"})
        self.stdout.write(_("Note this down elsewhere: %(noted)s") % {"noted": f"{last}:{seal.hex()}"})

    def _agrees(self, entry: int, digest: bytes) -> bool:
        return audit.agrees(entry, digest) or archive.agrees(entry, digest)

    def _compare(self, folder: Path | None) -> None:
        """Files that were taken away earlier are still the ones that lie here."""
        for path in sorted(folder.glob("audit-*.certificate.json")) if folder else []:
            month = moment(path.name.removeprefix("audit-").partition(".")[0] + "-01").date()
            kept = AuditArchive.objects.filter(month=month).first()
            said = json.loads(path.read_text(encoding="utf-8"))["certificate"]
            copy = (path.parent / f"audit-{month:%Y-%m}.txt.gz").read_bytes()
            if kept is None or kept.certificate != said or json.loads(said)["sha256"] != _sha256(copy):
                raise CommandError(_("%(file)s is not what lies here.") % {"file": path}, returncode=1)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
