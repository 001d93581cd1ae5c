"""Read who lives where, how to reach them, and who answers for a place."""

from __future__ import annotations

from lastmile.community.people.queries.posts import Responsible, responsible
from lastmile.community.people.queries.reach import reach

__all__ = ["Responsible", "reach", "responsible"]
