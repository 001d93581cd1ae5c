"""`lastmile cap check|table|certificate|request|install`: what CAP files are worth, and the certificate of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.cap import keys, renewal, report


class Command(BaseCommand):
    help = "Check CAP files. Exit code 0: all valid and by the standard; 1: not all are; 2: a file can't be opened."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        check = what.add_parser("check", help="what each file is worth")
        check.add_argument("files", nargs="+", type=Path)
        check.add_argument("--json", action="store_true", help="one JSON object a line")
        check.add_argument("--english", action="store_true", help="findings in English")
        what.add_parser("table", help="a row for each file").add_argument(
            "files", nargs="+", type=Path, metavar="FOLDER"
        )
        what.add_parser("certificate", help="what others put into their trust store")
        what.add_parser("request", help="make a new key that waits, and print the request for its certificate")
        install = what.add_parser("install", help="use this certificate, with the key that waits or the one in use")
        install.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        getattr(self, f"{options['what']}_of")(**options)

    def check_of(self, *, files: list[Path], english: bool, **options: Any) -> None:
        found = []
        for path in files:
            try:
                found += report.of_file(path)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        for one in found:
            text = json.dumps(one, ensure_ascii=False) if options["json"] else None
            self.stdout.write(text or "\n".join(report.lines(one, "en" if english else "zh")))
        if not all(one["conforms"] for one in found):
            raise SystemExit(1)

    def table_of(self, *, files: list[Path], **_options: Any) -> None:
        self.stdout.write(report.table(files), ending="")

    def certificate_of(self, **_options: Any) -> None:
        """What others put into their trust store."""
        self.stdout.write(keys.certificate(), ending="")

    def request_of(self, **_options: Any) -> None:
        """What a certificate authority wants; the key itself stays here."""
        try:
            self.stdout.write(renewal.request(), ending="")
        except renewal.NotInstalled as error:
            raise CommandError(str(error)) from None

    def install_of(self, *, file: Path, **_options: Any) -> None:
        """From the next message on it signs; those who verify need it before."""
        try:
            leaf = renewal.install(file.read_text(errors="replace"))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from None
        except renewal.NotInstalled as error:
            raise CommandError(str(error)) from None
        until = f"{leaf.not_valid_after_utc:%Y-%m-%d}"
        self.stdout.write(f"Installed: {leaf.subject.rfc4514_string()}, valid until {until}.")
        self.stdout.write("It signs from now on. Give `lastmile cap certificate` to those who verify our messages.")
