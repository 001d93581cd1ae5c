"""应转未列: who is in the area of a warning and in no list, and one click that puts them on one.

Households that nobody can reach by phone, or that the ledger does not have, go on the list of doors at once, before the
deadline. A site whose responsible person can't be reached becomes something owed by whoever looks after its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting import fold, manifest, owed, site_answers, target
from lastmile.alerting.area import Area
from lastmile.alerting.models import WARNS, AlertEvent, Cause, Group, Manifest, PlanArea, Sent, Visit, VisitRound, Whom
from lastmile.alerting.plan_areas import extent
from lastmile.alerting.plan_areas import queries as plan_areas
from lastmile.alerting.sql import statement
from lastmile.alerting.visits import owing
from lastmile.community.org.models import SpecialSite
from lastmile.community.people.models import Household, Person
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import audit, clock, locks, walls
from lastmile.kernel.errors import Conflict, NotFound
from lastmile.kernel.permissions import Actor, Perm, require

SHOWN, AT_ONCE = 200, 5_000  # rows of a page, households put on the list by one click
WITHIN = timedelta(minutes=30)


def _sites_page(owing: Obligation) -> str:
    return reverse("visits:sites", args=[owing.detail["alert"], owing.place_id])


SITE = kinds.Kind(
    "alerting.site",
    gettext_lazy("special site to ask"),
    "building-hospital",
    _sites_page,
    danger=4,
    policy="urgent",
    tap=False,
)


@dataclass(frozen=True)
class Home:
    household: int
    place: str
    number: str
    listed: bool  # in the ledger, but nobody has a usable contact


@dataclass(frozen=True)
class Uncovered:
    """`households` counts all, `homes` are the first; `sites` have nobody to ask and nobody who was sent there."""

    households: int
    homes: list[Home]
    sites: list[SpecialSite]
    grids: list[tuple[str, str]]  # (code, name) without a grid worker today
    cells: list[tuple[str, str, int]] = field(default_factory=list)  # (code, name, households in no cell there)


def find(event: AlertEvent, prefix: str, shown: int = SHOWN) -> Uncovered:
    """Who of the area of a message in force is in no list. Nobody for an all-clear."""
    if not _warns(event):
        return Uncovered(0, [], [], [])
    area = manifest.area_of(event)
    values = target.parameters(area, (Group.SITES,), ()) | {"event": event.pk, "prefix": prefix, "shown": shown}
    rows = _rows("visits_uncovered", values)
    silent = {row.site.pk: row.site for row in site_answers.rows(event, prefix) if row.answer is None}
    nobody = [key for _count, key, _place, _name in _rows("uncovered_sites", values | {"shown": None}) if key in silent]
    asked = Obligation.objects.filter(kind=SITE.name, key__in=[_key(event, site) for site in nobody], closed_at=None)
    taken = set(asked.values_list("key", flat=True))
    grids = [(code, name) for _count, code, _place, name in _rows("uncovered_grids", values) if code.startswith(prefix)]
    return Uncovered(
        households=rows[0][0] if rows else 0,
        homes=[Home(*row[1:]) for row in rows],
        sites=[silent[site] for site in nobody if _key(event, site) not in taken],
        grids=grids,
        cells=[(code, name, count) for code, name, count in _rows("cells_none", values)],
    )


class InPlan(NamedTuple):
    """A plan area that the message touches, and who of it is in no list now."""

    area: PlanArea
    lies: Area
    homes: list[Home]
    sites: list[SpecialSite]


def by_plan_area(event: AlertEvent, found: Uncovered) -> list[InPlan]:
    """What was found, by plan area; those with most of it first. A plan area of another hazard stands in none."""
    touched = plan_areas.touched(event.frozen["hazard"], event.place, manifest.area_of(event)) if _warns(event) else []
    rows = [
        InPlan(
            one,
            lies,
            [home for home in found.homes if extent.holds(lies, home.place, home.household)],
            [site for site in found.sites if extent.holds_site(lies, site.place_id, site.pk)],
        )
        for one, lies in touched
    ]
    return sorted(rows, key=lambda row: (-len(row.homes) - len(row.sites), row.area.name))


def _warns(event: AlertEvent) -> bool:
    return event.frozen["kind"] in WARNS


def _in_plan(event: AlertEvent, found: Uncovered, plan: int) -> Uncovered:
    """Only those of one plan area. Raises NotFound for one that the message does not touch."""
    for row in by_plan_area(event, found):
        if row.area.pk == plan:
            return replace(found, homes=row.homes, sites=row.sites)
    raise NotFound(_("This message does not touch this plan area."), _("Reload the page and choose again."))


def _rows(name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return list(cursor.fetchall())


def _key(event: AlertEvent, site: int) -> str:
    return f"{event.warning}:{site}"


@walls.opened("what is owed is given to posts above the area")
@transaction.atomic
def assign(actor: Actor, event: AlertEvent, prefix: str, plan: int | None = None) -> tuple[int, int]:
    """One click: (doors put on the list, sites given to somebody), of one plan area or of all.

    Raises NotAllowed, or Conflict when it is over.
    """
    require(actor, Perm.ALERT_RECEIPT, prefix)
    if event.closed_at is not None:
        raise Conflict(_("This warning is no longer in force."), _("Open the newest message of it."))
    locks.wait(fold.LOCK)
    found = find(event, prefix, AT_ONCE)
    if plan is not None:
        found = _in_plan(event, found, plan)
    _list(event, [home.household for home in found.homes if not home.listed])
    doors = _knock(event, [home.household for home in found.homes])
    if found.sites:
        _round(event)
        actions.create_many(_asked(event, found.sites))
    audit.record("alerting.uncovered", actor=actor, place=prefix, obj=event, doors=doors, sites=len(found.sites))
    return doors, len(found.sites)


def _list(event: AlertEvent, households: Sequence[int]) -> None:
    """Into the ledger, as people without a channel: what is found at their doors belongs to them."""
    persons: dict[str, list[int]] = defaultdict(list)
    living = Person.objects.filter(household__in=households, left_on=None).values_list("place", "pk")
    for place, person in living.order_by("pk"):
        persons[place].append(person)
    wave = (Manifest.objects.filter(event=event).aggregate(last=Max("wave"))["last"] or 0) + 1
    Manifest.objects.bulk_create(
        Manifest(
            event=event,
            place=place,
            channel="none",
            wave=wave,
            cause=Cause.AGAIN,
            priority=0,
            person_ids=keys,
            states=bytes([Sent.NO_CONTACT]) * len(keys),
            settled_at=clock.now(),
        )
        for place, keys in persons.items()
    )


def _knock(event: AlertEvent, households: Sequence[int]) -> int:
    """On the list at once."""
    if not households:
        return 0
    now, held = clock.now(), _round(event)
    homes = Household.objects.filter(pk__in=households).annotate(danger=Max("members__priority"))
    rows = [
        Visit(event=event.pk, household=home.pk, place=home.place_id, priority=home.danger or 0, opened_at=now)
        for home in homes
    ]
    Visit.objects.bulk_create(rows, ignore_conflicts=True)
    VisitRound.objects.filter(pk=held.pk).update(opened_at=held.opened_at or now, doors=held.doors + len(rows))
    owing.ask(event, owing.open_doors(event, sorted({row.place for row in rows})), again=True)
    return len(rows)


def _round(event: AlertEvent) -> VisitRound:
    """A message without visiting rule gets one too: what is owed in it ends with the message."""
    now = clock.now()
    first = {"due_at": now, "whom": Whom.SILENT, "filled_at": now}
    return VisitRound.objects.get_or_create(event=event, defaults=first)[0]


def _asked(event: AlertEvent, sites: Sequence[SpecialSite]) -> list[actions.New]:
    kept = owed.keepers({site.place_id for site in sites})
    title = _("%(site)s: nobody can be reached; go there or call, and enter how many people are there")
    return [
        actions.New(
            kind=SITE.name,
            key=_key(event, site.pk),
            title=owed.marked(title % {"site": site.name}, exercise=event.exercise),
            place=site.place_id,
            post=kept.get(site.place_id),
            perm="" if site.place_id in kept else Perm.ALERT_RECEIPT,
            due_at=clock.now() + WITHIN,
            longitude=site.longitude,
            latitude=site.latitude,
            basis=event.frozen["texts"]["zh"]["headline"],
            detail={"alert": event.alert.code},
            again=True,
        )
        for site in sites
    ]


def answered(event: AlertEvent, site: int, **_news: Any) -> None:
    """The site has answered: nobody need ask."""
    actions.settle(SITE.name, _key(event, site))


def withdraw(event: AlertEvent) -> int:
    """The warning is over: nobody need ask any site."""
    rows = Obligation.objects.filter(kind=SITE.name, key__startswith=f"{event.warning}:", closed_at=None)
    keys = list(rows.values_list("key", flat=True))
    return actions.withdraw_many(SITE.name, keys, note=_("the warning is over"))
