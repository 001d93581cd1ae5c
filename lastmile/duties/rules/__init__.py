"""The gaps that rooms below can have; they can't register themselves, because they do not know this one."""

from __future__ import annotations

from lastmile.duties import gaps
from lastmile.duties.rules import cells, owed, people, places, posts


def register_all() -> None:
    for rule in (*posts.RULES, *people.RULES, *cells.RULES, *places.RULES, *owed.RULES):
        gaps.register(rule)
