"""The cascade's set-based statements, one file each under sql/. What one includes may also lie in alerting/sql."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from lastmile.alerting.sql import INCLUDE
from lastmile.alerting.sql import statement as of_the_room

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The text of `name`.sql without comments, with what it includes put in."""
    file = FOLDER / f"{name}.sql"
    if not file.exists():
        return of_the_room(name)
    text = INCLUDE.sub(lambda found: statement(found.group(1)), file.read_text(encoding="utf-8"))
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))


def fetch(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of the named statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
