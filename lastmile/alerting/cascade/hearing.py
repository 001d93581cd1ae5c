"""Answers come back. Whatever the way (link, SMS digit, telephone key, staff), they are receipts; calls learn of them.

`counted` of the fold calls `hear` in the transaction that counts the receipts: no answer is lost, none counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from lastmile.alerting.cascade import doors
from lastmile.alerting.cascade.lifecycle import TABLE
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.models import Call, CallEntry, CallState, Fact
from lastmile.alerting.models.calls import What
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.duties.models import Obligation
from lastmile.duties.models import What as Closed
from lastmile.kernel import clock

DOOR = "door"


@transaction.atomic
def hear(event: int, persons: Sequence[int]) -> list[tuple[int, CallState, CallState]]:
    """What these people have said about an event, brought to their calls: (call, state before, state now) of each."""
    if not persons:
        return []
    fetch("hold", event=event, persons=list(persons))
    rows = fetch("hear", event=event, persons=list(persons), now=clock.now())
    doors.close_for([call for call, was, now in rows if was != now and was in (CallState.DOOR, CallState.RAISED)])
    return [(call, CallState(was), CallState(now)) for call, was, now in rows]


def counted(*, event: int, persons: Sequence[int], **_more: Any) -> None:
    hear(event, persons)


def say(
    call: Call, person: int, fact: Fact, *, by: int, channel: str, nonce: str, note: str = "", at: Any = None
) -> None:
    """What staff enter for the holder of a post, as a receipt of theirs; heard at once."""
    key = f"c:{call.pk}:{person}:{int(fact)}:{by}:{nonce}"[:80]
    append([NewReceipt(key, call.event_id, person, fact, channel, at or clock.now(), by=by, note=note)])
    hear(call.event_id, [person])


def _standing(pk: int) -> Call | None:
    """The call a to-do is about; where an update has taken it over meanwhile, the update's. None: it is over."""
    old = Call.objects.filter(pk=pk).first()
    if old is None:
        return None
    same = Call.objects.filter(root=old.root, post=old.post_id).exclude(state=CallState.STOPPED)
    return same.order_by("pk").last()


@transaction.atomic
def at_the_door(pk: int, actor: Any, *, done: bool) -> None:
    """Somebody went there and said so on their to-do: the post knows. Where it is vacant, the call ends."""
    call = _standing(pk)
    if call is None:
        return
    by = getattr(actor, "pk", None) or 0
    if call.person is None:
        vacant(call.pk, by=by, done=done)
        return
    nonce = str(int(clock.now().timestamp()))
    say(call, call.person, Fact.CONFIRMED if done else Fact.UNDONE, by=by, channel=DOOR, nonce=nonce)


@transaction.atomic
def vacant(pk: int, *, by: int, done: bool, at: datetime | None = None, note: str = "") -> bool:
    """A post that nobody holds: no receipt can say it, so the call ends, or is at the door again. Whether it moved."""
    call, now = Call.objects.select_for_update().get(pk=pk), clock.now()
    at = at or now
    if done and call.silent:
        TABLE.advance(call, CallState.DONE, confirmed_at=at, confirmed_via=DOOR, resumes=call.state, due_at=None)
        doors.close_for([pk])
    elif not done and call.confirmed_via == DOOR:
        TABLE.advance(call, CallState.DOOR, confirmed_at=None, confirmed_via="")
        doors.open_for([pk])
    else:
        return False
    what = What.CONFIRMED if done else What.UNDONE
    CallEntry.objects.create(call=call, at=at, entered_at=now, what=what, channel=DOOR, by=by, note=note or None)
    return True


@transaction.atomic
def passed_on(pk: int, actor: Any) -> None:
    """Somebody saw to it that it was passed on."""
    call = _standing(pk)
    if call is not None and call.person is not None:
        by = getattr(actor, "pk", None) or 0
        say(call, call.person, Fact.RELAYED, by=by, channel=DOOR, nonce=str(int(clock.now().timestamp())))


def closed(*, obligation: Obligation, what: str, actor: Any, **_more: Any) -> None:
    """Somebody went: what was found at the door is an answer. Connected to the signal of duties."""
    done = what == Closed.DONE
    if not done and what != Closed.UNDONE:
        return
    if obligation.kind == doors.DOOR.name:
        at_the_door(obligation.detail["call"], actor, done=done)
    elif obligation.kind == doors.PASS_ON.name and done:
        passed_on(obligation.detail["call"], actor)
