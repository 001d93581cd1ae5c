"""What a neighbour says of a door: appended for everybody who lives there, as what is found at a door always is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import queries, receipts, roster
from lastmile.alerting.models import AlertEvent, CellAsk, Fact, Receipt
from lastmile.alerting.visits.outcomes import FACTS
from lastmile.community.people.models import Household, Person
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal


def event_of(event: int) -> AlertEvent:
    """The message in force that has come of this one. Raises Conflict when the warning is over."""
    found = AlertEvent.objects.select_related("alert").filter(pk=event).first()
    newest = (queries.after(found.alert) or [found])[-1] if found is not None else None
    if newest is None or newest.closed_at is not None or newest.expires_at <= clock.now():
        raise Conflict(_("This warning is over."), _("Nobody needs to be visited any more. Thank you."))
    return newest


def asked(event: AlertEvent, person: int) -> list[CellAsk]:
    """What the person is asked now; nothing once they took their consent back."""
    return list(CellAsk.objects.filter(event=event.pk, person=person, closed_at=None))


@transaction.atomic
def say(event: AlertEvent, person: int, household: int, fact: int, *, key: str, at: datetime | None = None) -> int:
    """How many receipts were new; the same `key` again changes nothing. Raises NotFound for a door not asked about."""
    if fact not in FACTS and fact != Fact.UNREACHABLE:
        raise Refusal(_("This is not one of the answers."), _("Reload the page and choose one of the buttons."))
    if not any(household in ask.households for ask in asked(event, person)):
        raise NotFound(_("You are not asked about this door."), _("Load the page again."))
    home = Household.objects.get(pk=household)
    living = set(Person.objects.filter(household=home, left_on=None).values_list("pk", flat=True))
    persons = sorted(living & set(roster.listed(event, home.place_id)))
    when = min(max(at or clock.now(), event.sent_at), clock.now())
    CellAsk.objects.filter(event=event.pk, person=person, heard_at=None, households__contains=[household]).update(
        heard_at=clock.now()
    )
    if fact == Fact.UNDONE:
        return _take_back(event, person, persons, key, when)
    return receipts.append([_receipt(event, person, one, fact, key, when) for one in persons])


def _receipt(event: AlertEvent, by: int, person: int, fact: int, key: str, at: datetime) -> receipts.NewReceipt:
    """`by` is the neighbour, as a number below zero: no log-in, and not the household itself."""
    name = f"n:{event.pk}:{by}:{person}:{fact}:{key}"[:80]
    return receipts.NewReceipt(name, event.pk, person, fact, receipts.DOOR, at, by=-by)


def _take_back(event: AlertEvent, by: int, persons: list[int], key: str, at: datetime) -> int:
    """An undo cancels all that anybody but the household said before, so what others said is said again."""
    mine = set(Receipt.objects.filter(event=event, person__in=persons, by=-by).values_list("pk", flat=True))
    said = receipts.said_by(event.pk, persons)
    new = receipts.append([_receipt(event, by, one, Fact.UNDONE, key, at) for one in persons])
    others = {
        one: receipts.standing(row for row in said[one] if not row.own and row.number not in mine) for one in persons
    }
    receipts.append([_receipt(event, by, one, row.fact, key, at) for one, row in others.items() if row is not None])
    return new
