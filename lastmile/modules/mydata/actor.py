"""A resident who acts on their own data: no log-in, no permission, known in the trail as what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lastmile.kernel.permissions import Perm


@dataclass(frozen=True)
class Own:
    """Whoever proved to be this person; holds no permission and acts on this person alone."""

    person: int
    pk: Any = None

    def __str__(self) -> str:
        return "居民本人"

    def scopes(self, _perm: Perm) -> tuple[str, ...]:
        return ()
