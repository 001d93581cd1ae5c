"""What came of the calls of a warning, for its report: sums by level, and how silence climbed, post by post.

Posts, never people, and in the order of the codes: nobody is ranked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from lastmile.alerting.cascade import board
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.models import AlertEvent, Call, CallEntry, CallState
from lastmile.alerting.models.calls import What
from lastmile.community.org.models import LEVEL_OF_LENGTH, Post
from lastmile.kernel import clock

LISTED = 300  # posts whose chain is told; their number is always given in full
CLIMBED = (What.DEPUTY, What.SUPERIOR, What.DOOR, What.RAISED)
TOLD = (*CLIMBED, What.TAKEN, What.CONFIRMED, What.RELAYED, What.UNDONE)


class Sum(NamedTuple):
    """A row of sums.sql. `never`: not until the report was made."""

    length: int
    posts: int
    in_time: int
    late: int
    never: int
    asked: int
    passed: int
    minutes: float | None

    def as_dict(self) -> dict[str, Any]:
        shown = self._asdict()
        del shown["length"]
        minutes = None if self.minutes is None else round(max(0.0, self.minutes), 1)
        level = LEVEL_OF_LENGTH[self.length]
        return {"level": level.name.lower(), "label": str(level.label), **shown, "minutes": minutes}


def of(event: AlertEvent, place: str) -> dict[str, Any]:
    """Plain JSON, as the rest of the report."""
    events = [*(event.frozen.get("follows") or []), event.pk]
    climbed = CallEntry.objects.filter(call__event__in=events, call__place__startswith=place, what__in=CLIMBED)
    posts = list(climbed.order_by("call__place", "call__post").values_list("call__post", flat=True).distinct())
    return {
        "levels": [Sum(*row).as_dict() for row in fetch("sums", event=event.pk, place=place)],
        "climbed": len(posts),
        "chains": _chains(event, events, posts[:LISTED]),
    }


def _chains(event: AlertEvent, events: Sequence[int], posts: Sequence[int]) -> list[dict[str, Any]]:
    rows: dict[int, list[CallEntry]] = defaultdict(list)
    entries = CallEntry.objects.filter(call__event__in=events, call__post__in=posts, what__in=TOLD)
    for row in entries.select_related("call").order_by("id"):
        rows[row.call.post_id].append(row)
    found = Call.objects.filter(event=event, post__in=posts).select_related("post__site")
    calls = {call.post_id: call for call in found}
    where = board.where_of(calls.values())
    above = {row.call.superior_post for entries in rows.values() for row in entries}
    named = Post.objects.select_related("place").in_bulk([pk for pk in above if pk is not None])
    return [
        {
            "place": calls[post].place,
            "post": f"{where[calls[post].pk]} {calls[post].post.title}",
            "steps": [_step(row, named) for row in rows[post]],
            "state": str(CallState(calls[post].state).label),
        }
        for post in posts
        if post in calls
    ]


def _step(row: CallEntry, named: dict[int, Post]) -> dict[str, str]:
    says = str(What(row.what).label)
    up = named.get(row.call.superior_post or 0)
    if row.what in (What.SUPERIOR, What.RAISED) and up is not None:
        says = _("%(what)s (%(place)s %(post)s)") % {"what": says, "place": up.place.name, "post": up.title}
    return {"at": row.at.astimezone(clock.BEIJING).isoformat(timespec="seconds"), "says": says}


def told(steps: Iterable[dict[str, str]]) -> str:
    """A chain in one line."""
    return " → ".join(f"{step['at'][11:19]} {step['says']}" for step in steps)
