"""Append what happened, once for each tap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from lastmile.duties.models import Event, Obligation, What
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

AHEAD = timedelta(minutes=5)  # a phone's clock may be so far ahead of ours


def known(key: UUID | None) -> bool:
    """Whether this tap has been entered already: a phone that heard no answer sends it again."""
    return key is not None and Event.objects.filter(key=key).exists()


def moment(at: datetime | None) -> datetime:
    """When it happened: now, or what a phone noted while it had no network. Raises Refusal for the future."""
    now = clock.now()
    if at is None:
        return now
    if at > now + AHEAD:
        raise Refusal(_("That time lies in the future."), _("Correct the clock of the device, then send again."))
    return min(at, now)


def note(
    actor: Actor | None,
    obligation: Obligation,
    what: What,
    *,
    at: datetime | None = None,
    words: str = "",
    key: UUID | None = None,
) -> Event:
    """Append the event, and its entry in the audit trail (without the words)."""
    audit.record(f"duties.{what.value}", actor=actor, place=obligation.place_id, obj=obligation)
    return Event.objects.create(
        obligation=obligation,
        at=moment(at),
        entered_at=clock.now(),
        what=what,
        actor_id=getattr(actor, "pk", None),
        note=words[:500],
        key=key,
    )
