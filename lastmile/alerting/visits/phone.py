"""Whoever walks is told of their doors in one message, and answers for each with digits, without any page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from lastmile.alerting import manifest, receipts, roster, walk_texts
from lastmile.alerting.cascade import rules
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Fact, Visit
from lastmile.alerting.sql import statement
from lastmile.alerting.visits.entering import in_force
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Level, ancestors
from lastmile.community.people.models import Contact, Person
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound

NUMBER = 510  # the key of this message lies above those of calls and neighbours
AHEAD = 60  # of the warning's own messages of the same colour: few are to be told, and many wait for them


def tell(event: AlertEvent, places: Sequence[str]) -> int:
    """One message to whoever walks to the doors of these places, once in a warning's message. How many.

    Where the rules of a place keep the quiet hours, it waits for their end.
    """
    walkers = walk_texts.walkers(places)
    ways = _ways(event, set(walkers.values()))
    ladders = rules.find([*ancestors(event.place), event.place, *places], event.frozen["hazard"], event.colour)
    now, due, at_place = clock.now(), dict[int, datetime](), dict[int, str]()
    for place, person in walkers.items():
        held, _ladder = rules.nearest(ladders, place, event.colour, Level.GRID)
        at = rules.held_until(held, now) or now
        due[person] = min(due.get(person, at), at)
        at_place[person] = min(at_place.get(person, place), place)
    persons = [person for person in sorted(due) if person in ways]
    values: dict[str, Any] = {
        "event": event.pk,
        "number": NUMBER,
        "now": now,
        "priority": manifest.base_priority(event) + AHEAD,
    }
    values |= {"persons": persons, "ways": [ways[one] for one in persons]}
    values |= {"places": [at_place[one] for one in persons], "due": [due[one] for one in persons]}
    with connection.cursor() as cursor:
        cursor.execute(statement("visits_tell"), values)
    return len(persons)


def _ways(event: AlertEvent, persons: set[int]) -> dict[int, str]:
    """The first channel of the warning that writes to each person."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for person, kind in Contact.objects.filter(person__in=persons, usable=True).values_list("person", "kind"):
        kinds[person].add(kind)
    writing = registry.writing(event.frozen["channels"])
    found = {}
    for person, own in kinds.items():
        name = next((name for name, kind in writing if kind in own), None)
        if name is not None:
            found[person] = name
    return found


@transaction.atomic
def say(event: AlertEvent, person: int, household: int, fact: int, *, key: str, at: datetime) -> int:
    """What was found at a door, said by SMS: how many receipts were new. The same `key` again changes nothing.

    Raises NotFound for a door where the person does not walk.
    """
    fact = Fact.ABSENT if fact == Fact.UNREACHABLE else fact  # they stood there, and nobody was in
    places = walk_texts.places_of(event, person)
    visits = [(one, visit) for one, visit in in_force(event, household) if visit.place in places]
    if not visits:
        raise NotFound("No such door.", "Ask for the list.")
    user = User.objects.filter(person=person).first()
    write = partial(_append, person=person, fact=fact, key=key, at=at, user=user)
    return sum(write(one, visit) for one, visit in visits)


def _append(
    event: AlertEvent, visit: Visit, *, person: int, fact: int, key: str, at: datetime, user: User | None
) -> int:
    living = set(Person.objects.filter(household=visit.household, left_on=None).values_list("pk", flat=True))
    when = min(max(at, event.sent_at), clock.now())
    by = user.pk if user is not None else -person
    new = receipts.append(
        [
            receipts.NewReceipt(
                f"w:{event.pk}:{person}:{one}:{fact}:{key}"[:80], event.pk, one, fact, receipts.DOOR, when, by=by
            )
            for one in sorted(living & set(roster.listed(event, visit.place)))
        ]
    )
    if new and fact == Fact.ABSENT:
        Visit.objects.filter(event=event.pk, household=visit.household).update(knocks=F("knocks") + 1)
    if new:
        name = Fact(fact).name.lower()
        audit.record("alerting.receipt", actor=user, place=visit.place, obj=event, fact=name, people=new, by_sms=person)
    return new
