"""`lastmile openapi`: write the API's description to docs/openapi.json; a test compares it with the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from lastmile.site.api import api

TARGET = Path(__file__).resolve().parents[4] / "docs" / "openapi.json"


def described() -> str:
    """The OpenAPI document as it is committed: in English, keys in the order of the code."""
    with translation.override("en"):
        return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, default=str) + "\n"


class Command(BaseCommand):
    help = "Write docs/openapi.json, or with --check say whether it is up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            TARGET.write_text(described(), encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != described():
            raise CommandError("docs/openapi.json is not what the code says; run: lastmile openapi")
