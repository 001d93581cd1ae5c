"""What people do by hand: call now, write, take over, note, enter an answer, take it back. Each is audited."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lastmile.alerting.cascade import hearing, tick
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AttemptState, Call, CallAttempt, CallEntry, CallState, Fact, Receipt
from lastmile.alerting.models.calls import OF_DOORS, OVER, Role, What
from lastmile.community.people.models import Contact
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

LONGEST = 200  # letters of a message or note


def _begin(actor: Actor, call: Call) -> Call:
    """The row, held; Raises NotAllowed, or Conflict when the call is over."""
    require(actor, Perm.CALL_ACT, call.place)
    if call.person is not None:  # in the order of hearing: of two who enter something for one person, one waits
        fetch("hold", event=call.event_id, persons=[call.person])
    held = Call.objects.select_for_update(of=("self",)).select_related("event", "post").get(pk=call.pk)
    if held.state == CallState.STOPPED:
        raise Conflict(_("This call has ended with its warning."), _("Open the message that is in force now."))
    return held


def _entry(actor: Actor, call: Call, what: What, **fields: Any) -> None:
    now = clock.now()
    CallEntry.objects.create(call=call, at=now, entered_at=now, what=what, by=actor.pk, **fields)
    audit.record(f"alerting.call_{what.value}", actor=actor, place=call.place, obj=call)


def target(call: Call) -> tuple[int | None, Role]:
    """Whom a call reaches at this moment, and as what."""
    if call.state == CallState.DEPUTY:
        return call.deputy, Role.DEPUTY
    if call.state in (CallState.CONFIRMED, CallState.ASKED, CallState.RAISED):
        return call.confirmed_by or call.person, Role.ASK
    return call.person, Role.HOLDER


@transaction.atomic
def call_now(actor: Actor, call: Call) -> int:
    """One more attempt at once, on every channel on which the person can be reached. How many."""
    held = _begin(actor, call)
    if held.state in OVER:
        raise Conflict(_("This post has confirmed and passed it on."), _("Nobody needs to be called."))
    person, role = target(held)
    made = _attempts(held, person, role)
    _entry(actor, held, What.AGAIN, person=person, role=role)
    return made


@transaction.atomic
def message(actor: Actor, call: Call, text: str) -> int:
    """A message in one's own words to whoever holds the post. How many channels take it."""
    held = _begin(actor, call)
    text = _written(text)
    made = _attempts(held, held.person, Role.MESSAGE, text=text)
    _entry(actor, held, What.NOTE, person=held.person, role=Role.MESSAGE, note=text)
    return made


def _attempts(call: Call, person: int | None, role: Role, text: str = "") -> int:
    """Rows for the workers, above everything of the ladders. Raises Refusal where the person can't be reached."""
    kinds = set(Contact.objects.filter(person=person or 0, usable=True).values_list("kind", flat=True))
    ways = call.event.ladder[call.rule]["ways"]
    names = [name for name, kind in ways.items() if kind in kinds]
    names = [name for name in names if not text or not registry.capabilities(name).lines] or names
    if person is None or not names:
        raise Refusal(
            _("Nobody can be reached here: the post is vacant, or no usable number is known."),
            _("Take over and go there, or enter a number on the page of the post."),
            status=409,
        )
    now = clock.now()
    locks.wait(tick.LOCK)  # numbers are counted up by one at a time
    for name in names:
        mine = CallAttempt.objects.filter(event=call.event_id, person=person, channel=name).exclude(role__in=OF_DOORS)
        number = (mine.aggregate(n=Max("number"))["n"] or 0) + 1
        attempt = CallAttempt.objects.create(
            event=call.event, calls=[call.pk], place=call.place, person=person, role=role, channel=name, number=number,
            priority=call.priority + 1_000, text=text or None, made_at=now, state=AttemptState.WAITING, due_at=now,
        )  # fmt: skip
        CallEntry.objects.create(
            call=call,
            at=now,
            entered_at=now,
            what=What.CALLED,
            person=person,
            role=role,
            channel=name,
            attempt=attempt.pk,
        )
    return len(names)


@transaction.atomic
def take_over(actor: Actor, call: Call) -> None:
    """ "I have it": the ladder waits one rung's time for what this person does, then goes on by itself."""
    held = _begin(actor, call)
    if not held.silent and held.state != CallState.RAISED:
        raise Conflict(_("Nobody needs to look after this any more."), _("Reload the page to see how it stands."))
    now = clock.now()
    wait = timedelta(seconds=held.event.ladder[held.rule]["confirm"])
    due = now + wait if held.due_at is not None else None
    Call.objects.filter(pk=held.pk).update(taken_at=now, taken_by=str(actor)[:60], due_at=due)
    _entry(actor, held, What.TAKEN)


@transaction.atomic
def note(actor: Actor, call: Call, text: str) -> None:
    _entry(actor, _begin(actor, call), What.NOTE, note=_written(text))


def _written(text: str) -> str:
    text = text.replace("\0", "").strip()
    if not text:
        raise Refusal(_("Nothing is written."), _("Write a few words."), fields={"text": _("Write a few words.")})
    if len(text) > LONGEST:
        raise Refusal(
            _("This is too long: at most %(most)d characters.") % {"most": LONGEST},
            fields={"text": _("At most %(most)d characters.") % {"most": LONGEST}},
        )
    return text


@transaction.atomic
def confirm(actor: Actor, call: Call, *, at: datetime | None = None, words: str = "") -> None:
    """They know: said on the telephone, by radio, on paper, at the door. Entered for them, with its own time."""
    _enter(actor, _begin(actor, call), Fact.CONFIRMED, at=at, words=words)


@transaction.atomic
def passed_on(actor: Actor, call: Call, *, at: datetime | None = None, words: str = "") -> None:
    _enter(actor, _begin(actor, call), Fact.RELAYED, at=at, words=words)


@transaction.atomic
def undo(actor: Actor, call: Call) -> None:
    """Take back what staff entered. What the person said themselves only they can take back."""
    held = _begin(actor, call)
    if held.person is None:
        if not hearing.vacant(held.pk, by=actor.pk, done=False):
            raise _nothing_entered()
        return
    entered = Receipt.objects.filter(event=held.event_id, person=held.person, by__isnull=False)
    if not entered.filter(fact__in=[Fact.CONFIRMED, Fact.RELAYED]).exists():
        raise _nothing_entered()
    _enter(actor, held, Fact.UNDONE)


def _nothing_entered() -> Conflict:
    return Conflict(
        _("Staff have entered nothing here that could be taken back."),
        _("What people answered themselves they take back on their own link."),
    )


def _enter(actor: Actor, call: Call, fact: Fact, *, at: datetime | None = None, words: str = "") -> None:
    if at is not None and not call.event.sent_at <= at <= clock.now():
        raise Refusal(
            _("It can't have happened at this time."),
            _("Give a time between the issue of the warning and now."),
            fields={"at": _("Not between the issue of the warning and now.")},
        )
    words = words.strip()[:LONGEST]
    audit.record(f"alerting.call_{fact.name.lower()}", actor=actor, place=call.place, obj=call)
    if call.person is None:
        hearing.vacant(call.pk, by=actor.pk, done=True, at=at, note=words)
        return
    nonce = secrets.token_hex(4)
    hearing.say(call, call.person, fact, by=actor.pk, channel="staff", nonce=nonce, note=words, at=at)
