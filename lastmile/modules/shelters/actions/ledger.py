"""Receipts of the warning that follow from a stay: in a shelter or elsewhere in safety is moved; back again is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.receipts import NewReceipt, Said, append, said_by, standing
from lastmile.modules.shelters.models import Stay

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

CHANNEL = "shelter"
SAFE = (Stay.State.IN, Stay.State.ELSEWHERE)
GONE = (Stay.State.LEFT, Stay.State.EXPECTED, Stay.State.WITHDRAWN)


def write(event: AlertEvent, stays: Sequence[Stay], *, at: datetime, by: User | None, key: UUID) -> int:
    """Append what follows for the people among them; how many receipts were new."""
    persons = [stay for stay in stays if stay.person_id]
    at = max(at, event.sent_at)
    actor = by.pk if by else None
    found = [
        NewReceipt(f"sh:{key}:{stay.person_id}", event.pk, stay.person_id or 0, Fact.MOVED, CHANNEL, at, by=actor)
        for stay in persons
        if stay.state in SAFE
    ]
    gone = [stay.person_id or 0 for stay in persons if stay.state in GONE]
    return append(found + _taken_back(event, gone, at=at, by=actor, key=key))


def _taken_back(
    event: AlertEvent, persons: Sequence[int], *, at: datetime, by: int | None, key: UUID
) -> list[NewReceipt]:
    """They are not in safety after all. What else staff had entered about them is said again, so that it still stands:
    taking back takes all of it."""
    said = said_by(event.pk, persons) if persons else {}
    found = []
    for person in persons:
        found.append(NewReceipt(f"sh:{key}:{person}:undo", event.pk, person, Fact.UNDONE, CHANNEL, at, by=by))
        before = _other(said.get(person, []), by is None)
        if before is not None:
            found.append(NewReceipt(f"sh:{key}:{person}:still", event.pk, person, before.fact, CHANNEL, at, by=by))
    return found


def _other(said: list[Said], own: bool) -> Said | None:
    """What they had said, or staff about them, besides that they have moved."""
    return standing(one for one in said if one.own == own and one.fact != Fact.MOVED)
