"""What decides whether somebody is under 18, opened for counting only: nobody is shown it."""

from __future__ import annotations

import json
from typing import Any

from lastmile.kernel.fields import Sealed


def year(person: Any) -> int | None:
    """The year of birth, where it is known."""
    return int(_open(person.born)) if person.born else None


def kinds(person: Any) -> list[str]:
    """What they were entered as needing."""
    found: list[str] = json.loads(_open(person.care))["kinds"] if person.care else []
    return found


def _open(value: Sealed | str) -> str:
    """As read from the database, or as it was just assigned."""
    return value.reveal() if isinstance(value, Sealed) else value
