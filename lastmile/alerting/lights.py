"""How something far away is: a light, and the same in words, so that it is never only the colour."""

from __future__ import annotations

from typing import Final, NamedTuple

ICONS: Final = {"green": "circle-check", "yellow": "alert-circle", "red": "alert-triangle", "secondary": "clock"}


class Health(NamedTuple):
    """`light` is green, yellow, red or secondary."""

    light: str
    says: str

    @property
    def icon(self) -> str:
        return ICONS[self.light]
