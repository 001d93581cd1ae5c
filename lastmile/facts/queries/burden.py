"""The public ledger: how many fields, minutes and requests each unit asks of each community, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Sum
from django.db.models.functions import Left

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.facts.models import Burden
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


def ledger(under: str = "", *, weeks: int = WEEKS) -> list[BurdenLine]:
    """Lines of the last weeks under a place, the newest and heaviest first; grids count with their community."""
    rows = Burden.objects.filter(week__gte=monday(weeks - 1), place__startswith=under)
    rows_by = rows.annotate(at=Left("place", CODE_LENGTH[Level.VILLAGE])).values(
        "week", "at", unit=F("request__place__name"), department=F("request__department")
    )
    found = rows_by.annotate(
        asked=Sum("fields"), took=Sum("minutes"), times=Count("request", distinct=True), saved=Sum("spared")
    ).order_by("-week", "-took", "at", "unit")
    listed = list(found)
    names = dict(Place.objects.filter(code__in={row["at"] for row in listed}).values_list("code", "name"))
    return [
        BurdenLine(
            row["week"],
            row["at"],
            names.get(row["at"], row["at"]),
            f"{row['unit']} {row['department']}".strip(),
            row["asked"],
            row["took"],
            row["times"],
            row["saved"],
        )
        for row in listed
    ]


def chart(lines: Sequence[BurdenLine]) -> dict[str, list[object]]:
    """Minutes asked for each week by requester, as ECharts wants them: the five that ask most, and the rest."""
    weeks = sorted({line.week for line in lines})
    by: dict[str, float] = {}
    for line in lines:
        by[line.by] = by.get(line.by, 0) + line.minutes
    most = sorted(by, key=lambda name: -by[name])[:5]
    series: dict[str, list[float]] = {name: [0.0] * len(weeks) for name in most}
    rest = [0.0] * len(weeks)
    for line in lines:
        series.get(line.by, rest)[weeks.index(line.week)] += line.minutes
    made: list[object] = [{"name": name, "data": data} for name, data in series.items()]
    if any(rest):
        made.append({"name": "…", "data": rest})
    return {"weeks": [week.isoformat() for week in weeks], "series": made}


def sums(lines: Sequence[BurdenLine]) -> dict[str, float]:
    """The whole of what is listed."""
    return {
        "fields": sum(line.fields for line in lines),
        "hours": round(sum(line.minutes for line in lines) / 60, 1),
        "requests": sum(line.requests for line in lines),
        "spared": sum(line.spared for line in lines),
        "communities": len({line.place for line in lines}),
    }
