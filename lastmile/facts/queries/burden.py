"""The public ledger: how many fields, minutes and requests each unit asks of each community, week by week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Left

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.facts.models import Burden, Request
from lastmile.kernel import clock

WEEKS = 26  # shown


@dataclass(frozen=True)
class BurdenLine:
    """One week, one community (or higher place), one requester."""

    week: date
    place: str
    place_name: str
    by: str
    fields: int
    minutes: float
    requests: int
    spared: int


def monday(weeks_back: int = 0) -> date:
    day = clock.today()
    return day - timedelta(days=day.weekday() + 7 * weeks_back)


def entries() -> QuerySet[Any]:
    """What each request cost each place, `at` its community."""
    return Burden.objects.annotate(at=Left("place", CODE_LENGTH[Level.VILLAGE]))


def grouped() -> QuerySet[Burden, dict[str, Any]]:
    """A row for each week, community and requester, by their codes; grids count with their community."""
    by = entries().order_by().values("week", "at", unit=F("request__place"), department=F("request__department"))
    found: QuerySet[Burden, dict[str, Any]] = by.annotate(
        asked=Sum("fields"), took=Sum("minutes"), times=Count("request", distinct=True), saved=Sum("spared")
    )
    return found


def ledger(under: str = "", *, weeks: int = WEEKS) -> list[BurdenLine]:
    """Lines of the last weeks under a place, the newest and heaviest first."""
    rows = grouped().filter(week__gte=monday(weeks - 1), place__startswith=under)
    listed = list(rows.order_by("-week", "-took", "at", "unit"))
    codes = {code for row in listed for code in (row["at"], row["unit"])}
    names = dict(Place.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        BurdenLine(
            row["week"],
            row["at"],
            names.get(row["at"], row["at"]),
            by(row, names),
            row["asked"],
            row["took"],
            row["times"],
            row["saved"],
        )
        for row in listed
    ]


def by(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who asks, as people say it."""
    return f"{names.get(row['unit'], row['unit'])} {row['department']}".strip()


def weeks() -> list[date]:
    """The weeks in which anything was registered, the latest first."""
    days = Request.objects.filter(created_at__gte=_since()).values_list("created_at", flat=True)
    return sorted({_monday_of(at) for at in days}, reverse=True)


def _since() -> datetime:
    return datetime.combine(monday(WEEKS - 1), time(), clock.BEIJING)


def _monday_of(at: datetime) -> date:
    day = clock.day_of(at)
    return day - timedelta(days=day.weekday())


def requesters() -> list[tuple[str, str]]:
    """(place code|department, who asks) of everybody in the ledger."""
    asked = (
        Request.objects.filter(created_at__gte=_since())
        .order_by("place_id", "department")
        .distinct("place_id", "department")
    )
    return [(f"{one.place_id}|{one.department}", one.by) for one in asked.select_related("place")]


def chart() -> dict[str, list[object]]:
    """Minutes asked of everybody each week by requester, as ECharts wants them: the five that ask most, and the rest.

    A request keeps what it cost in all, so that a chart of half a year reads hundreds of rows, not a city's ledger.
    """
    rows = Request.objects.filter(created_at__gte=_since(), minutes__gt=0).select_related("place")
    told = [(_monday_of(one.created_at), one.by, one.minutes) for one in rows]
    shown = sorted({week for week, _by, _minutes in told})
    total: dict[str, float] = {}
    for _week, name, minutes in told:
        total[name] = total.get(name, 0) + minutes
    most = sorted(total, key=lambda name: -total[name])[:5]
    series: dict[str, list[float]] = {name: [0.0] * len(shown) for name in most}
    rest = [0.0] * len(shown)
    for week, name, minutes in told:
        series.get(name, rest)[shown.index(week)] += minutes
    made: list[object] = [{"name": name, "data": data} for name, data in series.items()]
    if any(rest):
        made.append({"name": "…", "data": rest})
    return {"weeks": [week.isoformat() for week in shown], "series": made}


def sums(rows: QuerySet[Burden]) -> dict[str, float]:
    """The whole of these entries."""
    found = rows.order_by().aggregate(
        asked=Sum("fields"), took=Sum("minutes"), saved=Sum("spared"), communities=Count("at", distinct=True)
    )
    return {
        "fields": found["asked"] or 0,
        "hours": round((found["took"] or 0) / 60, 1),
        "spared": found["saved"] or 0,
        "communities": found["communities"],
    }
