"""The hazards a checklist can wait for. The room of warnings, which stands above this one, names them at the start."""

from __future__ import annotations

from collections.abc import Iterable

from lastmile.kernel.errors import Text

_HAZARDS: dict[str, Text] = {}


def register(choices: Iterable[tuple[str, Text]]) -> None:
    _HAZARDS.update(choices)


def choices() -> list[tuple[str, Text]]:
    return list(_HAZARDS.items())
