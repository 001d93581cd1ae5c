"""Enter what was found at doors: each once, however often a phone sends it; nothing lost, conflicts in words.

1. The phone's clock is corrected by what it said when it sent; a time that still can't be becomes the nearest that can.
2. The answer of the door is appended for everybody who lives there and is listed, under the key of the tap.
3. Where somebody else said otherwise in the meantime, both are kept and the person hears which one stands.
An update may have replaced the message while the phone was without a network: the outcome counts for both.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lastmile.alerting import queries, receipts
from lastmile.alerting.models import AlertEvent, Fact, Reason, Receipt, Visit
from lastmile.alerting.visits.outcomes import FACTS, words
from lastmile.community.accounts.models import User
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.offline import Result
from lastmile.kernel.permissions import Actor, Perm, require

TRUE = timedelta(
    minutes=1
)  # a clock so near is right: the rest is the way of the message, and taps must keep their order


@dataclass(frozen=True)
class Outcome:
    """One tap at a door. `seen`: the server's time of the list that the phone showed; `at`: when it was tapped."""

    key: UUID
    code: str
    household: int
    fact: int
    at: datetime | None = None
    seen: datetime | None = None
    reason: str = ""
    note: str = ""


def enter_many(actor: Actor, outcomes: Sequence[Outcome], *, sent_at: datetime | None = None) -> list[Result]:
    """Each on its own, in the order of the taps. `sent_at` is the phone's clock at sending."""
    skew = clock.now() - sent_at if sent_at is not None else timedelta()
    if abs(skew) < TRUE:
        skew = timedelta()
    return [_one(actor, one if one.at is None else replace(one, at=one.at + skew)) for one in outcomes]


def _one(actor: Actor, outcome: Outcome) -> Result:
    try:
        with transaction.atomic():
            return Result(outcome.key, ok=True, says=enter(actor, outcome))
    except Refusal as refusal:
        return Result.refused(outcome.key, refusal)


@transaction.atomic
def enter(actor: Actor, outcome: Outcome) -> str:
    """Append it. The sentence of a conflict, or "". Raises Refusal, NotFound, NotAllowed."""
    if outcome.fact not in FACTS or outcome.reason not in ("", *Reason.values):
        raise Refusal(_("This is not one of the answers."), _("Reload the page and choose one of the buttons."))
    event = queries.event(actor, outcome.code)
    visits = in_force(event, outcome.household)
    if not visits:
        raise NotFound(_("This door is not on the list of the warning."), _("Load the list again."))
    says = ""
    for at_event, visit in visits:
        require(actor, Perm.ALERT_RECEIPT, visit.place)
        says = _append(actor, at_event, visit, outcome)
    return says


def in_force(event: AlertEvent, household: int) -> list[tuple[AlertEvent, Visit]]:
    """The door in this message and in the updates that replaced it since, oldest first."""
    events = [event, *queries.after(event.alert)]
    rows = {row.event: row for row in Visit.objects.filter(event__in=[one.pk for one in events], household=household)}
    return [(one, rows[one.pk]) for one in events if one.pk in rows]


def _append(actor: Actor, event: AlertEvent, visit: Visit, outcome: Outcome) -> str:
    living = Person.objects.filter(household=visit.household, place=visit.place, left_on=None)
    persons = list(living.values_list("pk", flat=True))
    entry = receipts.Entry(
        place=visit.place,
        persons=persons,
        fact=outcome.fact,
        nonce=base64.urlsafe_b64encode(outcome.key.bytes).decode().rstrip("="),
        happened_at=min(max(outcome.at or clock.now(), event.sent_at), clock.now()),
        note=_note(outcome),
        channel=receipts.DOOR,
    )
    if receipts.enter(actor, event, entry):
        row = Visit.objects.filter(event=event.pk, household=visit.household)
        if outcome.fact == Fact.ABSENT:
            row.update(knocks=F("knocks") + 1)
        elif outcome.fact == Fact.REFUSED and outcome.reason:
            row.update(reason=outcome.reason)
    return _conflict(actor, event, persons, outcome)


def _note(outcome: Outcome) -> str:
    reason = str(Reason(outcome.reason).label) if outcome.reason else ""
    return "：".join(part for part in (reason, outcome.note.replace("\0", "").strip()) if part)


def _conflict(actor: Actor, event: AlertEvent, persons: Sequence[int], outcome: Outcome) -> str:
    """Whether somebody else said otherwise of this door after the list that was looked at; and what stands."""
    if outcome.seen is None or outcome.fact == Fact.UNDONE:
        return ""
    said = Receipt.objects.filter(
        event=event, person__in=persons, fact__gte=Fact.CONFIRMED, entered_at__gt=outcome.seen
    )
    other = said.exclude(by=actor.pk, by__isnull=False).exclude(fact__in=[outcome.fact, Fact.UNDONE, Fact.ABSENT])
    last = other.order_by("-happened_at", "-id").first()
    if last is None:
        return ""
    stands = receipts.standing(receipts.said_by(event.pk, [last.person])[last.person])
    who = User.objects.filter(pk=last.by).first() if last.by else None
    return _(
        "At %(time)s %(who)s said of this door: %(other)s. Yours is kept too: %(mine)s. What counts now: %(stands)s."
    ) % {
        "time": last.happened_at.astimezone(clock.BEIJING).strftime("%H:%M"),
        "who": str(who) if who else _("a neighbour") if last.by else _("the household itself"),
        "other": words(last.fact),
        "mine": words(outcome.fact),
        "stands": words(stands.fact) if stands else "–",
    }
