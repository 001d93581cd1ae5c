"""Read who lives where, how to reach them, and who answers for a place."""

from __future__ import annotations

from lastmile.community.people.queries.ground import purpose
from lastmile.community.people.queries.households import by_contact, households, members, neighbours, search
from lastmile.community.people.queries.look import Opened, look, look_home, look_many, looks, note_look
from lastmile.community.people.queries.posts import Held, Responsible, held_posts, responsible, staff
from lastmile.community.people.queries.reach import reach

__all__ = [
    "Held",
    "Opened",
    "Responsible",
    "by_contact",
    "held_posts",
    "households",
    "look",
    "look_home",
    "look_many",
    "looks",
    "members",
    "neighbours",
    "note_look",
    "purpose",
    "reach",
    "responsible",
    "search",
    "staff",
]
