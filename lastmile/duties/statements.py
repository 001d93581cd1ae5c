"""The room's set-based statements, one file each under sql/, with the reason for its shape."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The text of `name`.sql without its comments, in which a percent sign would be taken for a parameter."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))


def fetch(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of the named statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
