"""Who is missing: listed − checked in − elsewhere, counted by shelter and by place, down to the last name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Substr

from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import CODE_LENGTH, Place
from lastmile.modules.shelters.models import Move, Opening, Stay
from lastmile.modules.shelters.queries.room import openings

S = Stay.State
AWAY = (S.EXPECTED, S.LEFT)
ACCOUNTED = (S.ELSEWHERE, S.HOME)


def _n(field: Any, **where: Any) -> Coalesce:
    return Coalesce(Sum(field, filter=Q(**where)), 0)


SUMS = {
    "n_listed": _n("heads", ordered=True),
    "n_came": _n("came", state=S.IN, ordered=True),
    "n_strangers": _n("came", state=S.IN, ordered=False),
    "n_elsewhere": _n("heads", state__in=ACCOUNTED, ordered=True),
    "n_away": _n("heads", state__in=AWAY, ordered=True),
    "n_behind": _n(F("heads") - F("came"), state=S.IN, ordered=True),
    "n_weak": _n("heads", state__in=AWAY, ordered=True, vulnerable=True),
}


@dataclass(frozen=True)
class Figures:
    """People. `came` are those of the list who are in a shelter, `strangers` those in no list who are there too."""

    listed: int = 0
    came: int = 0
    strangers: int = 0
    elsewhere: int = 0
    away: int = 0
    behind: int = 0
    weak: int = 0  # of the missing, those who need help

    @property
    def missing(self) -> int:
        return self.away + self.behind

    @property
    def inside(self) -> int:
        return self.came + self.strangers

    def as_dict(self) -> dict[str, int]:
        names = ("listed", "came", "strangers", "inside", "elsewhere", "missing", "weak")
        return {name: getattr(self, name) for name in names}


def _figures(row: dict[str, Any]) -> Figures:
    """The sums carry another name than the columns they are of, which Django would take for them."""
    return Figures(**{name.removeprefix("n_"): number for name, number in row.items() if name in SUMS})


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class Room:
    """A shelter of the incident. `state` says at a glance whether more can be sent there."""

    opening: Opening
    figures: Figures

    @property
    def state(self) -> str:
        if self.opening.closed_at:
            return "closed"
        return "full" if self.opening.free <= 0 else "room"

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.opening.held / max(1, self.opening.places)))


def stays(incident: AlertEvent, prefix: str = "") -> QuerySet[Stay]:
    rows = Stay.objects.filter(incident=incident)
    return rows.filter(place__startswith=prefix) if prefix else rows


def of(incident: AlertEvent, prefix: str = "") -> Figures:
    return _figures(stays(incident, prefix).aggregate(**SUMS))


def children(incident: AlertEvent, prefix: str) -> list[Row]:
    """The places below, where most are missing first."""
    length = next((n for n in CODE_LENGTH.values() if n > len(prefix)), len(prefix))
    grouped = stays(incident, prefix).values(part=Substr("place", 1, length)).annotate(**SUMS).order_by()
    found = {row.pop("part"): _figures(row) for row in grouped}
    names = dict(Place.objects.filter(pk__in=found).values_list("code", "name"))
    rows = [Row(code, names.get(code, code), figures) for code, figures in found.items()]
    return sorted(rows, key=lambda row: (-row.figures.missing, row.code))


def rooms(incident: AlertEvent, prefix: str = "") -> list[Room]:
    """Every shelter of the incident under the prefix, and any to which people of the prefix are ordered."""
    ordered = stays(incident, prefix).exclude(opening=None).values("opening")
    found = openings(incident).filter(Q(shelter__place__code__startswith=prefix) | Q(pk__in=ordered))
    grouped = Stay.objects.filter(opening__in=found).order_by().values("opening").annotate(**SUMS)
    sums = {row.pop("opening"): _figures(row) for row in grouped}
    return [Room(one, sums.get(one.pk, Figures())) for one in found]


def missing(incident: AlertEvent, prefix: str, opening: int | None = None) -> QuerySet[Stay]:
    """Everybody who is not accounted for, the vulnerable first, then by door."""
    behind = Q(state=S.IN, came__lt=F("heads"))
    rows = stays(incident, prefix).filter(Q(state__in=AWAY) | behind, ordered=True)
    if opening is not None:
        rows = rows.filter(opening=opening)
    rows = rows.select_related("person", "household", "site", "opening__shelter")
    return rows.order_by("-vulnerable", "place", "household__walking_order", "household", "pk")


def by_opening(opening: Opening) -> Figures:
    """The figures of one shelter."""
    return _figures(Stay.objects.filter(opening=opening).aggregate(**SUMS))


def inside(opening: Opening) -> int:
    return by_opening(opening).inside


def history(opening: Opening) -> dict[str, int]:
    """How many people were ever checked in here."""
    ins = Move.objects.filter(opening=opening, state=S.IN, stands=True).values("stay")
    return {"ever": Stay.objects.filter(pk__in=ins).aggregate(n=_n("heads"))["n"]}
