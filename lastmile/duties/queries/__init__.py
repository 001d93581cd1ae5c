"""Read what is owed: by one person across all hats, by place, and why it is late."""

from __future__ import annotations

from lastmile.duties.queries.area import counts, due, in_area, overdue
from lastmile.duties.queries.mine import Hats, hats, lately, mine, todo, waits

__all__ = ["Hats", "counts", "due", "hats", "in_area", "lately", "mine", "overdue", "todo", "waits"]
