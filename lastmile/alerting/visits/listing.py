"""The doors of a grid in the order of the walk, and the sums of the places above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from django.db import connection
from django.db.models import Count, Q

from lastmile.alerting.coverage import child_length
from lastmile.alerting.models import AlertEvent, Fact, Visit, VisitRound
from lastmile.alerting.sql import statement
from lastmile.community.org.models import Place
from lastmile.community.people import queries as people
from lastmile.community.people.models import Contact, Household, Person, Vulnerability
from lastmile.kernel.permissions import Actor, Perm, within


@dataclass(frozen=True)
class Door:
    """A household to go to. Its position is no secret, its people are: see `opened`."""

    visit: Visit
    home: Household

    @property
    def order(self) -> tuple[bool, bool, int, tuple[bool, int, int]]:
        """Open ones first, then where nobody has been in yet, the vulnerable, along the walk."""
        one = self.visit
        return one.closed_at is not None, one.fact == Fact.ABSENT, -one.priority, self.home.walk


def doors(event: AlertEvent, place: str) -> list[Door]:
    """Every door of the round at exactly this place, those that are left first."""
    visits = {visit.household: visit for visit in Visit.objects.filter(event=event.pk, place=place)}
    homes = Household.objects.filter(pk__in=visits)
    return sorted((Door(visits[home.pk], home) for home in homes), key=lambda door: door.order)


@dataclass(frozen=True)
class Resident:
    name: str
    phones: list[str]
    needs: list[str]
    minor: bool


@dataclass
class Inside:
    """What is behind a door, in clear."""

    address: str = ""
    residents: list[Resident] = field(default_factory=list)


def opened(actor: Actor, event: AlertEvent, place: str, households: Sequence[int]) -> dict[int, Inside]:
    """Who lives behind doors that are left, with numbers to call, for whoever must act on a warning in force there.

    Every look is noted. Raises NotAllowed, or Refusal where the rule (people.queries.ground) opens nothing.
    """
    left = Visit.objects.filter(event=event.pk, place=place, closed_at=None, household__in=households)
    persons = Person.objects.filter(household__in=list(left.values_list("household", flat=True)), left_on=None)
    found: dict[int, Inside] = defaultdict(Inside)
    for one in people.look_many(actor, list(persons.values_list("pk", flat=True))):
        inside = found[one.person.household_id or 0]
        inside.address = one.address
        inside.residents.append(_resident(one))
    return dict(found)


def _resident(one: people.Opened) -> Resident:
    phones = [value for contact, value in one.contacts if contact.kind == Contact.Kind.PHONE]
    return Resident(one.name, phones, [str(Vulnerability(kind).label) for kind in one.kinds], one.person.minor)


@dataclass(frozen=True)
class Sums:
    """Doors of a place: `left` are still to be knocked on; `absent` and `vulnerable` are some of these."""

    doors: int = 0
    left: int = 0
    absent: int = 0
    vulnerable: int = 0
    moved: int = 0
    refused: int = 0
    help: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)))

    @property
    def done(self) -> int:
        return self.doors - self.left


@dataclass(frozen=True)
class PlaceSums:
    code: str
    name: str
    sums: Sums
    below: bool = True


def by_place(event: AlertEvent, prefix: str) -> list[PlaceSums]:
    """The places one level below that have doors on the list, those with most left first."""
    length = child_length(prefix)
    with connection.cursor() as cursor:
        cursor.execute(statement("visits_counts"), {"event": event.pk, "prefix": prefix, "length": length})
        rows = cursor.fetchall()
    names = dict(Place.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "name"))
    found = [PlaceSums(row[0], names.get(row[0], row[0]), Sums(*row[1:]), below=row[0] != prefix) for row in rows]
    return sorted(found, key=lambda one: (-one.sums.left, one.code))


def total(rows: Sequence[PlaceSums]) -> Sums:
    whole = Sums()
    for row in rows:
        whole = whole + row.sums
    return whole


@dataclass(frozen=True)
class Mine:
    """A place of a running round in which the person may knock."""

    event: AlertEvent
    place: Place
    left: int
    doors: int


MOST = 500  # places on one person's list; whoever sees more goes down by the figures


def mine(actor: Actor) -> list[Mine]:
    """The grids with doors in which the person enters outcomes, the newest warning first."""
    running = VisitRound.objects.filter(closed_at=None, opened_at__isnull=False).select_related("event__alert")
    scopes = actor.scopes(Perm.ALERT_RECEIPT)
    return [one for held in running.order_by("-event_id") for one in _places(held.event, scopes)][:MOST]


def _places(event: AlertEvent, scopes: Sequence[str]) -> list[Mine]:
    here = Visit.objects.filter(within(scopes, "place"), event=event.pk).values_list("place")
    rows = here.annotate(left=Count("household", filter=Q(closed_at=None)), doors=Count("household")).order_by("place")
    found = list(rows[:MOST])
    places = Place.objects.in_bulk([place for place, _left, _doors in found])
    return [Mine(event, places[place], left, doors) for place, left, doors in found if place in places]
