"""The set-based statements of the hot paths, one file each. `statement` reads one and puts in what it includes."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
INCLUDE = re.compile(r"^-- include: (\w+)$", re.MULTILINE)


@lru_cache(maxsize=64)
def statement(name: str) -> str:
    """The text of `name`.sql; a line `-- include: other` is replaced by the text of other.sql.

    Comments are left out: they are for readers, and a percent sign in one would be taken for a parameter.
    """
    text = (HERE / f"{name}.sql").read_text()
    text = INCLUDE.sub(lambda found: statement(found.group(1)), text)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
