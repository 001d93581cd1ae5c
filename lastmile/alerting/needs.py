"""What answers make people owe: to look after who asks for help, and to persuade who stays; one thing a door.

The counting of answers calls `follow`. Help is owed by whoever looks after the grid; a refusal was heard at the door,
so the next level owes the persuasion (劝离). Both end when the door stands otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from lastmile.alerting.models import AlertEvent, Fact, Kind, Reason, Standing, Visit
from lastmile.alerting.owed import keepers, marked, next_level
from lastmile.community.org.models import Place
from lastmile.community.people.models import Household, Person
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm


def _doors(owed: Obligation) -> str:
    return reverse("answers:doors", args=[owed.detail["alert"], owed.detail["place"]]) + f"?cut={owed.detail['cut']}"


def _asked_in_a_test(owed: Obligation) -> str:
    """A test of who can be reached has no page of doors."""
    home = owed.detail["home"]
    return reverse("household", args=[home]) if home else reverse("readiness:page", args=[owed.detail["place"]])


HELP = kinds.Kind("alerting.help", gettext_lazy("call for help"), "lifebuoy", _doors, 4, "urgent")
REFUSAL = kinds.Kind("alerting.refusal", gettext_lazy("refusal to leave"), "message", _doors, 3, "urgent")
TEST_HELP = kinds.Kind(
    "alerting.test_help", gettext_lazy("call for help in answer to a test"), "lifebuoy", _asked_in_a_test, 4, "urgent"
)


class Need(NamedTuple):
    kind: kinds.Kind
    cut: str  # of the doors' page
    within: timedelta
    says: str | Promise


NEEDS = {
    Fact.NEEDS_HELP: Need(
        HELP, "help", timedelta(minutes=15), gettext_lazy("somebody asks for help: call or go there now")
    ),
    Fact.REFUSED: Need(
        REFUSAL, "refused", timedelta(hours=1), gettext_lazy("somebody refuses to leave: go there and persuade")
    ),
}
NEEDS_IN_A_TEST = {
    Fact.NEEDS_HELP: Need(
        TEST_HELP, "", timedelta(minutes=15), gettext_lazy("somebody answers a test with a call for help: call now")
    )
}


@dataclass(frozen=True)
class Door:
    """Those of one place who stand together: a household, or somebody who is listed there without one."""

    place: str
    home: Household | None
    person: int
    stands: dict[int, datetime | None]  # fact: since when

    @property
    def key(self) -> str:
        return f"h{self.home.pk}" if self.home else str(self.person)


def register() -> None:
    kinds.register(HELP)
    kinds.register(REFUSAL)
    kinds.register(TEST_HELP)


def follow(number: int, persons: Sequence[int]) -> None:
    """Bring what is owed at the doors of these people in line with how they stand now."""
    event = AlertEvent.objects.select_related("alert").get(pk=number)
    doors = behind(number, persons)
    for fact, need in (NEEDS_IN_A_TEST if event.alert.kind == Kind.TEST else NEEDS).items():
        there = [door for door in doors if fact in door.stands]
        ended = [f"{event.warning}:{door.key}" for door in doors if fact not in door.stands]
        actions.withdraw_many(need.kind.name, ended)
        actions.create_many(_owed(event, there, fact, need))


def behind(event: int, persons: Sequence[int]) -> list[Door]:
    """The doors of these people, each with how everybody behind it stands."""
    rows = list(Standing.objects.filter(event=event, person__in=persons))
    people = Person.objects.select_related("household").in_bulk([row.person for row in rows])
    homes = {
        home.pk: (home, row)
        for row in rows
        if (person := people.get(row.person)) and (home := person.household) and person.place_id == row.place
    }
    stands = _stands(event, list(homes))
    found = [Door(row.place, home, row.person, stands[pk]) for pk, (home, row) in homes.items()]
    alone = [row for row in rows if not _at_home(people.get(row.person), row.place)]
    return found + [Door(row.place, None, row.person, {row.fact: row.fact_at} if row.fact else {}) for row in alone]


def _at_home(person: Person | None, place: str) -> bool:
    return person is not None and person.household_id is not None and person.place_id == place


def _stands(event: int, homes: Sequence[int]) -> dict[int, dict[int, datetime | None]]:
    members = dict(Person.objects.filter(household__in=homes).values_list("pk", "household"))
    found: dict[int, dict[int, datetime | None]] = defaultdict(dict)
    for row in Standing.objects.filter(event=event, person__in=members, fact__isnull=False).order_by("fact_at"):
        found[members[row.person]][row.fact or 0] = row.fact_at
    return found


def _owed(event: AlertEvent, doors: Sequence[Door], fact: Fact, need: Need) -> Iterable[actions.New]:
    names = dict(Place.objects.filter(pk__in={door.place for door in doors}).values_list("pk", "name"))
    owner = _owners({door.place for door in doors}, fact)
    closed = _closed(need.kind.name, [f"{event.warning}:{door.key}" for door in doors])
    reasons = _reasons(event, doors) if fact == Fact.REFUSED else {}
    for door in doors:
        key, home, at = f"{event.warning}:{door.key}", door.home, door.stands[fact]
        place, post = owner[door.place]
        number = f" {home.number}" if home else ""
        reason = f" ({reasons[home.pk]})" if home and home.pk in reasons else ""
        yield actions.New(
            kind=need.kind.name,
            key=key,
            title=marked(f"{names[door.place]}{number}: {need.says}{reason}", exercise=event.exercise),
            place=place,
            post=post,
            perm="" if post else Perm.ALERT_RECEIPT,
            due_at=clock.now() + need.within,
            longitude=home.longitude if home else None,
            latitude=home.latitude if home else None,
            basis=event.alert.headline,
            detail={"alert": event.alert.code, "cut": need.cut, "place": door.place, "home": home.pk if home else None},
            again=key in closed and at is not None and at > closed[key],
        )


def _owners(places: set[str], fact: Fact) -> dict[str, tuple[str, int | None]]:
    """(the place under which it is owed, the post) of each place."""
    if fact == Fact.REFUSED:
        return next_level(places)
    kept = keepers(places)
    return {place: (place, kept.get(place)) for place in places}


def _reasons(event: AlertEvent, doors: Sequence[Door]) -> dict[int, str]:
    homes = [door.home.pk for door in doors if door.home]
    rows = Visit.objects.filter(event=event.pk, household__in=homes).exclude(reason="")
    return {home: str(Reason(reason).label) for home, reason in rows.values_list("household", "reason")}


def _closed(kind: str, keys: Sequence[str]) -> dict[str, datetime]:
    """When those that are closed were closed: who asks after that asks again."""
    rows = Obligation.objects.filter(kind=kind, key__in=keys, closed_at__isnull=False)
    return {key: closed for key, closed in rows.values_list("key", "closed_at") if closed is not None}
