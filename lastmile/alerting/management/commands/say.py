"""`lastmile say`: speak a text into a WAV file, to hear what a telephone or a loudspeaker would say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.channels import speech


class Command(BaseCommand):
    help = "Speak a text into a WAV file, with attention tone and repeats (docs/adr/0025-speech.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", help="what to say; - reads it from the input")
        parser.add_argument("--out", type=Path, default=Path("speech.wav"))
        parser.add_argument("--repeats", type=int, default=3)

    def handle(self, *_args: Any, **options: Any) -> None:
        text = sys.stdin.read() if options["text"] == "-" else options["text"]
        if not text.strip() or options["repeats"] < 1:
            raise CommandError("Give a text, and repeats above 0.")
        try:
            made = speech.announcement(text, repeats=options["repeats"])
        except speech.NoVoice as error:
            raise CommandError(str(error)) from error
        options["out"].write_bytes(made.wav)
        self.stdout.write(f"{options['out']}: {made.seconds:.1f} seconds")
