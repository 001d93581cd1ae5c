"""State moves through one table by one conditional UPDATE.

The table says which moves exist; `advance` writes `UPDATE … WHERE pk = … AND state IN (allowed)`. A row count of
zero means somebody else was faster: the caller learns it, and nothing is half-done.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class Transitions(Generic[S]):
    """A map from each state to the states it may become."""

    def __init__(self, table: Mapping[S, set[S]]) -> None:
        self.table = {state: frozenset(targets) for state, targets in table.items()}

    def allows(self, current: S, to: S) -> bool:
        return to in self.table.get(current, frozenset())

    def sources(self, to: S) -> list[S]:
        """Every state that may become `to`."""
        return [state for state, targets in self.table.items() if to in targets]

    def final(self) -> list[S]:
        return [state for state, targets in self.table.items() if not targets]

    def advance(self, obj: models.Model, to: S, *, field: str = "state", **changes: Any) -> None:
        """Move `obj` to `to`, writing `changes` in the same UPDATE, and refresh it.

        Raises Conflict if the row is no longer in a state that allows the move.
        """
        manager = type(obj)._default_manager
        where = {"pk": obj.pk, f"{field}__in": self.sources(to)}
        moved = manager.filter(**where).update(**{field: to}, **changes)
        obj.refresh_from_db()
        if not moved:
            raise Conflict(
                _("This has already moved on: it is now “%(state)s”.") % {"state": getattr(obj, field)},
                _("Reload the page to see what happened in the meantime."),
            )
