"""What rooms above the engine want done by the workers from time to time; they register when they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Chore(NamedTuple):
    """`do` may run in several workers at once, and says how much it did."""

    name: str
    every: float  # seconds
    do: Callable[[], int]


_CHORES: dict[str, Chore] = {}


def register(chore: Chore) -> None:
    """Make it known. The same name again replaces it, so that an application may start twice in tests."""
    _CHORES[chore.name] = chore


def every() -> list[Chore]:
    return list(_CHORES.values())
