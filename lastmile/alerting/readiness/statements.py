"""The set-based statements of readiness, one file each with the reason for its shape."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """Without its comments: a percent sign in one would be taken for a parameter."""
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def fetch(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
