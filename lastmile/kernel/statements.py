"""Set-based SQL in named files, beside the code that calls it, each with the reason for its shape."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db import connection

INCLUDE = re.compile(r"^-- include: (\w+)$", re.MULTILINE)


class Statements:
    """The .sql files of one folder; what is not there is looked for in the next.

    A line `-- include: other` is replaced by the text of other.sql. Comments are left out: they are for readers, and a
    percent sign in one would be taken for a parameter.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._texts: dict[str, str] = {}

    def text(self, name: str) -> str:
        """The text of `name`.sql. Raises StopIteration where no folder has it."""
        if name not in self._texts:
            file = next(file for folder in self.folders if (file := folder / f"{name}.sql").exists())
            text = INCLUDE.sub(lambda found: self.text(found.group(1)), file.read_text(encoding="utf-8"))
            self._texts[name] = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
        return self._texts[name]

    def fetch(self, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of the named statement."""
        with connection.cursor() as cursor:
            cursor.execute(self.text(name), parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
