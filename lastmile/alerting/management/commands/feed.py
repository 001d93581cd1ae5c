"""`lastmile feed check`: what a feed of warnings is worth, from a file or an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.cap import report
from lastmile.alerting.cap.fetch import fetch
from lastmile.alerting.cap.files import load
from lastmile.alerting.cap.findings import Refused


class Command(BaseCommand):
    help = "Check feeds (Atom, RSS, EDXL-DE). Exit code 0: all valid; 1: not all are; 2: one can't be opened."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["check"])
        parser.add_argument("sources", nargs="+", metavar="FILE|URL")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--english", action="store_true", help="findings in English")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = [self.judged(source) for source in options["sources"]]
        for one in found:
            text = json.dumps(one, ensure_ascii=False) if options["json"] else None
            self.stdout.write(text or "\n".join(report.lines(one, "en" if options["english"] else "zh")))
        if not all(one["conforms"] for one in found):
            raise SystemExit(1)

    def judged(self, source: str) -> report.Plain:
        try:
            data = fetch(source) if "://" in source else load(Path(source))
        except Refused as refused:
            if refused.finding.code.startswith("fetch_"):
                raise CommandError(str(refused), returncode=2) from None
            return report.refusal(source, refused.finding)
        except OSError as error:
            raise CommandError(f"{source}: {error.strerror}", returncode=2) from None
        return report.of_feed(data, source)
