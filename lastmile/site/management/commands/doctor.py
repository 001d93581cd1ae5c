"""`lastmile doctor`: what is right, what is wrong and how to mend it; exit code 1 if anything is wrong."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from lastmile.site import doctor


class Command(BaseCommand):
    help = "Examine this deployment."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = list(doctor.examine())
        wrong = [finding for finding in findings if not finding.ok]
        if options["json"]:
            self.stdout.write(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False))
        else:
            for finding in findings:
                self._tell(finding)
        raise SystemExit(1 if wrong else 0)

    def _tell(self, finding: doctor.Finding) -> None:
        mark = self.style.SUCCESS("✓ " + _("ok")) if finding.ok else self.style.ERROR("✗ " + _("wrong"))
        self.stdout.write(f"{mark}  {finding.says}")
        if finding.mend:
            self.stdout.write(f"      → {finding.mend}")
