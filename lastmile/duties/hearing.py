"""What this room does on news from the rooms below: who begins or ceases to hold a post, who has left."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import Post
from lastmile.community.people import signals
from lastmile.community.people.models import Appointment, Person
from lastmile.duties.actions import handover


def _held(*, post: Post, role: str, before: Person | None, after: Person | None, actor: Any, **_more: Any) -> None:
    if role == Appointment.Role.HOLDER:
        handover.changed(post, before, after, actor=actor)
    elif before is not None:
        handover.leave_behind(before, post, actor=actor)


def _gone(*, person: Person, actor: Any, **_more: Any) -> None:
    """Moved away or died: every post they held is without a holder from now on."""
    handover.leave_behind(person, None, actor=actor)
    rows = Appointment.objects.filter(person=person, until=None, role=Appointment.Role.HOLDER, post__closed_on=None)
    for held in rows.select_related("post__place"):
        handover.changed(held.post, person, None, actor=actor)


def listen() -> None:
    signals.held.connect(_held, dispatch_uid="duties.held")
    signals.gone.connect(_gone, dispatch_uid="duties.gone")
