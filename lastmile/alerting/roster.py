"""The doors of one place in one warning: who is listed there and where each stands. Names stay masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from lastmile.alerting.models import AlertEvent, Fact, Manifest, Receipt, Standing
from lastmile.community.people.models import Household, Person
from lastmile.kernel import audit
from lastmile.kernel.permissions import Actor, Perm, require


@dataclass(frozen=True)
class Member:
    person: int
    name: str  # masked
    vulnerable: bool
    fact: Fact | None
    fact_at: datetime | None
    delivered: bool
    confirmed: bool
    noted: bool  # something was written, by the person or by staff
    minor: bool = False

    @property
    def unreached(self) -> bool:
        return not self.delivered


@dataclass(frozen=True)
class Door:
    """A household, or with `household` None the staff who are listed at the place."""

    household: Household | None
    members: list[Member]

    @property
    def reached(self) -> bool:
        """Somebody grown of the household shows a sign; of staff at a post, everybody does."""
        if self.household is None:
            return all(member.delivered for member in self.members)
        return any(member.delivered and not member.minor for member in self.members)

    @property
    def answered(self) -> bool:
        if self.household is None:
            return all(member.confirmed for member in self.members)
        return any(member.confirmed and not member.minor for member in self.members)

    @property
    def calls(self) -> bool:
        """Somebody here needs help: nothing else is worth saying first."""
        return any(member.fact == Fact.NEEDS_HELP for member in self.members)

    @property
    def stays(self) -> bool:
        """Somebody here refuses to leave: to be visited again."""
        return any(member.fact == Fact.REFUSED for member in self.members)

    @property
    def settled(self) -> bool:
        return all(member.confirmed for member in self.members)


CUTS: dict[str, Callable[[Door], bool]] = {
    "unreached": lambda door: not door.reached,
    "silent": lambda door: not door.answered,
    "help": lambda door: door.calls,
    "refused": lambda door: door.stays,
    "vulnerable": lambda door: any(member.vulnerable for member in door.members),
}


def listed(event: AlertEvent, place: str) -> list[int]:
    """Everybody in the ledger of the event at exactly this place."""
    rows = Manifest.objects.filter(event=event, place=place).values_list("person_ids", flat=True)
    return sorted({person for persons in rows for person in persons})


def doors(event: AlertEvent, place: str, cut: str = "") -> list[Door]:
    """In walking order, staff first; with a `cut` of CUTS only doors that fall under it."""
    standings = {row.person: row for row in Standing.objects.filter(event=event.pk, place=place)}
    persons = Person.objects.filter(pk__in={*listed(event, place), *standings}).select_related("household")
    written = _written(event, list(standings)).values_list("person", flat=True)
    noted = set(written.distinct())
    grouped: dict[int | None, list[Member]] = defaultdict(list)
    homes: dict[int, Household] = {}
    for person in persons.order_by("id"):
        home = person.household if person.place_id == place else None
        if home is not None:
            homes[home.pk] = home
        grouped[home.pk if home else None].append(_member(person, standings.get(person.pk), person.pk in noted))
    order = sorted(homes.values(), key=lambda home: home.walk)
    found = [Door(None, grouped[None])] if None in grouped else []
    found += [Door(home, grouped[home.pk]) for home in order]
    return [door for door in found if cut not in CUTS or CUTS[cut](door)]


def _member(person: Person, standing: Standing | None, noted: bool) -> Member:
    return Member(
        person=person.pk,
        name=person.name.masked(),
        vulnerable=person.vulnerable,
        fact=Fact(standing.fact) if standing and standing.fact else None,
        fact_at=standing.fact_at if standing else None,
        delivered=bool(standing and standing.delivered_at),
        confirmed=bool(standing and standing.confirmed_at),
        noted=noted,
        minor=person.minor,
    )


def _written(event: AlertEvent, persons: list[int]) -> QuerySet[Receipt]:
    rows = Receipt.objects.filter(event=event, person__in=persons, note__isnull=False)
    return rows.exclude(fact__in=[Fact.DELIVERED, Fact.FAILED])  # a gateway's reasons are not a person's words


def notes(actor: Actor, event: AlertEvent, place: str, person: int) -> list[tuple[datetime, Fact, str]]:
    """What was written about one person of the place, opened and noted in the trail. Raises NotAllowed."""
    require(actor, Perm.PERSON_REVEAL, place)
    if not Standing.objects.filter(event=event.pk, person=person, place=place).exists():
        return []
    audit.record("alerting.read_note", actor=actor, place=place, obj=event, person=person)
    rows = _written(event, [person]).order_by("happened_at", "id")
    return [(row.happened_at, Fact(row.fact), row.note.reveal()) for row in rows]


@dataclass(frozen=True)
class Call:
    """A door behind which `people` said that they need help. `door` is its key in `needs`."""

    door: str
    who: Person
    household: int | None
    place: str
    vulnerable: bool
    at: datetime | None
    people: int = 1

    @property
    def name(self) -> str:
        """Masked; opened only for those that are shown."""
        return str(self.who.name.masked())


def calls_for_help(event: AlertEvent, prefix: str, limit: int) -> list[Call]:
    """Who needs help now, by door: the vulnerable first, then who has waited longest."""
    rows = Standing.objects.filter(event=event.pk, place__startswith=prefix, fact=Fact.NEEDS_HELP)
    found = list(rows.order_by("-vulnerable", "fact_at")[: limit * 4])
    people = Person.objects.only("place", "household", "name").in_bulk([row.person for row in found])
    calls: dict[str, Call] = {}
    for row in found:
        person = people.get(row.person)
        if person is None:
            continue
        at_home = person.household_id is not None and person.place_id == row.place
        door = f"h{person.household_id}" if at_home else str(row.person)
        if door in calls:
            calls[door] = replace(calls[door], people=calls[door].people + 1)
            continue
        calls[door] = Call(door, person, person.household_id, row.place, row.vulnerable, row.fact_at)
    return list(calls.values())[:limit]
