"""Answers come back. Whatever the way (link, SMS digit, telephone key, staff), they are receipts; calls learn of them.

`counted` of the fold calls `hear` in the transaction that counts the receipts: no answer is lost, none counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def say(call: Call, fact: Fact, *, by: int, channel: str, nonce: str, note: str = "", at: Any = None) -> None:
    """What staff enter for the holder of a post, as a receipt of theirs; heard at once."""
    assert call.person is not None  # noqa: S101  (the callers look)
    key = f"c:{call.pk}:{call.person}:{int(fact)}:{by}:{nonce}"[:80]
    append([NewReceipt(key, call.event_id, call.person, fact, channel, at or clock.now(), by=by, note=note)])
    hear(call.event_id, [call.person])


@transaction.atomic
def at_the_door(pk: int, actor: Any, *, done: bool) -> None:
    """Somebody went there and said so on their to-do: the post knows. Where it is vacant, the call ends."""
    call = Call.objects.filter(pk=pk).first()
    if call is None or call.state == CallState.STOPPED:
        return
    by, now = getattr(actor, "pk", None) or 0, clock.now()
    if call.person is not None:
        say(call, Fact.CONFIRMED if done else Fact.UNDONE, by=by, channel=DOOR, nonce=str(int(now.timestamp())))
        return
    if done and call.silent:
        TABLE.advance(call, CallState.DONE, confirmed_at=now, confirmed_via=DOOR, resumes=call.state, due_at=None)
    elif not done and call.confirmed_via == DOOR:
        TABLE.advance(call, CallState.DOOR, confirmed_at=None, confirmed_via="")
    what = What.CONFIRMED if done else What.UNDONE
    CallEntry.objects.create(call=call, at=now, entered_at=now, what=what, channel=DOOR, by=by)


def passed_on(pk: int, actor: Any, *, done: bool) -> None:
    """Somebody saw to it that it was passed on."""
    call = Call.objects.filter(pk=pk).first()
    if call is None or call.person is None or call.state == CallState.STOPPED:
        return
    by = getattr(actor, "pk", None) or 0
    if done:
        say(call, Fact.RELAYED, by=by, channel=DOOR, nonce=str(int(clock.now().timestamp())))


def closed(*, obligation: Obligation, what: str, actor: Any, **_more: Any) -> None:
    """Somebody went: what was found at the door is an answer. Connected to the signal of duties."""
    done = what == Closed.DONE
    if not done and what != Closed.UNDONE:
        return
    if obligation.kind == doors.DOOR.name:
        at_the_door(obligation.detail["call"], actor, done=done)
    elif obligation.kind == doors.PASS_ON.name:
        passed_on(obligation.detail["call"], actor, done=done)
