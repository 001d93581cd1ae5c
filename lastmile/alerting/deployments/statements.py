"""The set-based statements of the room, one file each under sql/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection

from lastmile.kernel.statements import Statements

_here = Statements(Path(__file__).parent / "sql")
fetch = _here.fetch


def run(name: str, **parameters: Any) -> int:
    """A statement that gives nothing back: how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(_here.text(name), parameters)
        return int(cursor.rowcount)
