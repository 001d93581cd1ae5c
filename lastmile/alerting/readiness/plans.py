"""Start and stop the test of an area, see beforehand how many messages it means, and read what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from lastmile.alerting.coverage import child_length
from lastmile.alerting.models import Probe, ReadinessPlan
from lastmile.alerting.readiness import rounds
from lastmile.alerting.readiness.rounds import Wish
from lastmile.alerting.readiness.statements import fetch
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place, ancestors
from lastmile.community.people.models import Contact
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, may, require

SHARES = range(1, 51)  # percent a week
EARLIEST, LATEST = 8, 20  # o'clock: never at night
LATELY = timedelta(days=120)  # results of a longer time ago say little
FAILING = (Probe.Result.DELIVERED, Probe.Result.FAILED, Probe.Result.SILENT)
SHOWN = 200


@dataclass(frozen=True)
class Preview:
    """What one week would send now, and in how many weeks everybody has been asked once."""

    people: int
    by_channel: dict[str, int]
    weeks: int


def place_of(actor: Actor, code: str, perm: Perm = Perm.ALERT_READ) -> Place:
    found = Place.objects.current().filter(pk=code).first()
    if found is None or not may(actor, Perm.ALERT_READ, found.code):
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    require(actor, perm, found.code)
    return found


def checked(whom: str, share: int, from_hour: int, to_hour: int) -> None:
    """Raises Refusal for a plan that would wake or bother people."""
    if whom not in ReadinessPlan.Whom.values:
        raise Refusal(_("It is not said who is asked."), _("Choose one of the two."))
    if share not in SHARES:
        raise Refusal(_("A week can take 1 to 50 percent."), _("8 percent asks everybody once in a quarter."))
    if not EARLIEST <= from_hour < to_hour <= LATEST:
        says = _("Tests are sent between %(first)d and %(last)d o'clock only.") % {"first": EARLIEST, "last": LATEST}
        raise Refusal(says, _("Choose a beginning and a later end within these hours."))


def preview(wish: Wish) -> Preview:
    chosen = rounds.turns(wish)
    counts = Counter(one.channel for one in chosen)
    return Preview(len(chosen), dict(counts), -(-100 // max(1, wish.share)))


@transaction.atomic
def start(user: User, place: Place, *, whom: str, share: int, from_hour: int, to_hour: int) -> ReadinessPlan:
    """Start, or change what runs. Raises NotAllowed without READINESS_EDIT there."""
    require(user, Perm.READINESS_EDIT, place.code)
    checked(whom, share, from_hour, to_hour)
    values = {"whom": whom, "share": share, "from_hour": from_hour, "to_hour": to_hour, "by": user}
    values |= {"started_at": clock.now(), "stopped_at": None}
    plan, _new = ReadinessPlan.objects.update_or_create(place=place, defaults=values)
    audit.record("alerting.readiness_started", actor=user, place=place.code, share=share, whom=whom)
    return plan


@transaction.atomic
def stop(user: User, place: Place) -> None:
    require(user, Perm.READINESS_EDIT, place.code)
    running = ReadinessPlan.objects.filter(place=place, stopped_at=None)
    if not running.update(stopped_at=clock.now()):
        raise Conflict(_("No test is running here."), _("Reload the page."))
    audit.record("alerting.readiness_stopped", actor=user, place=place.code)


def plans(actor: Actor) -> list[ReadinessPlan]:
    """Those of places that the person sees, and those above that include them."""
    scopes = actor.scopes(Perm.ALERT_READ)
    above = {code for scope in scopes for code in ancestors(scope)}
    rows = ReadinessPlan.objects.select_related("place", "by").order_by("place_id")
    return [plan for plan in rows if plan.place_id.startswith(scopes) or plan.place_id in above] if scopes else []


def plan_for(place: str) -> ReadinessPlan | None:
    """The running plan of the place, or the nearest above it."""
    rows = ReadinessPlan.objects.filter(place__in=[place, *ancestors(place)], stopped_at=None).select_related("place")
    return max(rows, key=lambda plan: len(plan.place_id), default=None)


@dataclass(frozen=True)
class Row:
    """The last result of every contact of a place."""

    code: str
    name: str
    asked: int
    waiting: int
    answered: int
    delivered: int
    failed: int
    silent: int

    @property
    def share(self) -> int:
        """Percent that answered, of those whose round is over or who answered."""
        known = self.asked - self.waiting
        return round(100 * self.answered / known) if known else 0


def by_place(prefix: str) -> list[Row]:
    length = child_length(prefix)
    rows = fetch("by_place", prefix=f"{prefix}%", length=length, since=clock.now() - LATELY)
    names = dict(Place.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "name"))
    return [Row(row[0], names.get(row[0], row[0]), *row[1:]) for row in rows]


def total(rows: Iterable[Row]) -> Row:
    sums = [0] * 6
    for row in rows:
        for at, value in enumerate((row.asked, row.waiting, row.answered, row.delivered, row.failed, row.silent)):
            sums[at] += value
    return Row("", "", *sums)


def failing(prefix: str = "") -> QuerySet[Contact]:
    """Contacts in use whose last test failed, and which nobody has answered on since."""
    last = Probe.objects.filter(contact=OuterRef("pk")).order_by("-id")
    bad = Probe.objects.filter(contact=OuterRef("pk"), result__in=FAILING)
    rows = Contact.objects.filter(Exists(bad), usable=True, person__left_on=None)
    rows = rows.annotate(
        tested=Subquery(last.values("asked_at")[:1]),
        result=Subquery(last.values("result")[:1]),
        at_place=Subquery(last.values("place")[:1]),
    ).filter(result__in=FAILING, at_place__startswith=prefix)
    known = F("tested")
    return rows.exclude(confirmed_at__gte=known).select_related("person").order_by("at_place", "pk")


@dataclass(frozen=True)
class Failing:
    """For a table: masked."""

    place: str
    name: str
    contact: str
    says: str
    tested: object
    household: int | None


def listed(prefix: str, limit: int | None = SHOWN) -> Iterator[Failing]:
    rows: Iterable[Any] = failing(prefix)[:limit] if limit else failing(prefix)
    for one in rows:
        yield Failing(
            place=one.at_place,
            name=one.person.name.masked(),
            contact=one.value.masked(),
            says=str(Probe.Result(one.result).label),
            tested=one.tested,
            household=one.person.household_id,
        )
