"""The room's set-based statements, each in its own file under sql/ with the reason for its shape."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).resolve().parents[1] / "sql"


@cache
def statement(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def fetch(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of the named statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
