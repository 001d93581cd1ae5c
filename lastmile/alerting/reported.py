"""What deployments below us have reported about a warning of ours: households that we do not hold ourselves.

Nobody counts twice: of a village (or township, county) in which our own ledger lists anybody, only our own figures
count, and the reported ones are named beside them. Links that have ended count for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lastmile.alerting import coverage
from lastmile.alerting.channels.web.notice import concerns
from lastmile.alerting.coverage import Coverage, Doors, Numbers
from lastmile.alerting.lights import Health
from lastmile.alerting.models import AlertEvent, CallState, Deployment, ReportedCall
from lastmile.alerting.models.calls import SILENT
from lastmile.alerting.sql import fetch
from lastmile.community.org.models import Place
from lastmile.kernel import clock

QUIET: Final = timedelta(minutes=15)  # without a sign of life before a link counts as cut
LATE: Final = timedelta(minutes=3)
SKEW: Final = 60.0  # seconds by which two clocks may differ
Side, State = Deployment.Side, Deployment.State


@dataclass(frozen=True)
class Row:
    """One place as it was reported. `held`: our own figures count there."""

    code: str
    name: str
    all: Numbers
    vulnerable: Numbers
    doors: Doors
    held: bool = False


@dataclass(frozen=True)
class Posts:
    """Posts that must answer: all, of them confirmed, passed on, and silent now."""

    all: int = 0
    confirmed: int = 0
    passed: int = 0
    silent: int = 0


@dataclass(frozen=True)
class Report:
    """What one link says of a warning below a place; `rows` are the places one level below."""

    link: Deployment
    health: Health
    all: Numbers
    vulnerable: Numbers
    doors: Doors
    held: Doors  # households that it reports of places where we list people ourselves
    posts: Posts
    rows: list[Row] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Nothing was said of this warning yet."""
        return not (self.all.people or self.held.doors or self.posts.all)


def health(link: Deployment) -> Health:
    """Of a link, seen from our side."""
    if link.state == State.ENDED:
        return Health("secondary", _("ended by the other side") if link.ended_there else _("ended"))
    if link.state == State.INVITED:
        over = link.code_until is not None and link.code_until <= clock.now()
        return Health("secondary", _("the code was not used in time") if over else _("waits for the other side"))
    if link.state == State.JOINING:
        return Health("yellow", _("not paired yet")) if link.failures else Health("secondary", _("is being paired"))
    return _of_active(link)


def _of_active(link: Deployment) -> Health:
    quiet = clock.now() - (link.seen_at or link.paired_at or link.created_at)
    if quiet > QUIET:
        return Health("red", _("nothing heard for a long time"))
    if link.failures or quiet > LATE:
        return Health("yellow", _("the last try failed") if link.failures else _("not heard for some minutes"))
    if link.skew is not None and abs(link.skew) > SKEW:
        return Health("yellow", _("the clocks differ"))
    return Health("green", _("connected"))


def links(event: AlertEvent, prefix: str) -> list[Deployment]:
    """Those below us whom the warning concerns, under a place or above it."""
    rows = Deployment.objects.filter(side=Side.BELOW, state=State.ACTIVE).select_related("place").order_by("place")
    near = [one for one in rows if one.place_id.startswith(prefix) or prefix.startswith(one.place_id)]
    return [one for one in near if concerns(event.frozen.get("area", {}), event.place, one.place_id)]


def of(event: AlertEvent, prefix: str, found: Sequence[Deployment] | None = None) -> list[Report]:
    """What every link says, those below a place. Nothing is looked for where nobody reports to us."""
    found = links(event, prefix) if found is None else found
    if not found:
        return []
    length = coverage.child_length(prefix)
    rows = fetch("reported_places", event=event.pk, message=event.identifier, prefix=prefix, length=length)
    grouped: dict[int, dict[tuple[str, bool], list[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(list))
    for link, held, code, *figures in rows:
        grouped[link][code, held].append(tuple(figures))
    posts = _posts(event, prefix)
    known = dict(Place.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "name"))
    return [_report(link, grouped[link.pk], posts.get(link.pk, Posts()), known) for link in found]


def _report(
    link: Deployment,
    grouped: dict[tuple[str, bool], list[tuple[Any, ...]]],
    posts: Posts,
    known: dict[str, str],
) -> Report:
    rows = []
    for (code, held), figures in grouped.items():
        name = known.get(code) or link.names.get(code) or code
        rows.append(Row(code, name, *coverage.split(figures), held=held))
    everybody, vulnerable, doors, twice = Numbers(), Numbers(), Doors(), Doors()
    for row in rows:
        if row.held:
            twice += row.doors
        else:
            everybody, vulnerable, doors = everybody + row.all, vulnerable + row.vulnerable, doors + row.doors
    rows.sort(key=lambda row: (row.held, row.all.share("confirmed"), -row.all.silent))
    return Report(link, health(link), everybody, vulnerable, doors, twice, posts, rows)


def _posts(event: AlertEvent, prefix: str) -> dict[int, Posts]:
    calls = ReportedCall.objects.filter(message=event.identifier, place__startswith=prefix)
    sums = calls.values("link").annotate(
        all=Count("pk"),
        confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)),
        passed=Count("pk", filter=Q(relayed_at__isnull=False)),
        silent=Count("pk", filter=Q(state__in=SILENT)),
    )
    return {row.pop("link"): Posts(**row) for row in sums.order_by()}


def together(own: Coverage, reports: Sequence[Report]) -> tuple[Numbers, Doors]:
    """What we hold and what is reported, as one."""
    everybody, doors = own.all, own.doors
    for one in reports:
        everybody, doors = everybody + one.all, doors + one.doors
    return everybody, doors


def calls(link: Deployment, event: AlertEvent, prefix: str) -> list[ReportedCall]:
    """Posts that must answer, first those that are silent."""
    rows = ReportedCall.objects.filter(link=link, message=event.identifier, place__startswith=prefix)
    found = list(rows.order_by("place", "pk")[:500])
    return sorted(found, key=lambda call: call.state not in SILENT)


def where(link: Deployment, code: str) -> str:
    """A place as the other side calls it, with the village or township above."""
    parts = [link.names.get(part, "") for part in (code[:12], code) if len(part) <= len(code)]
    return " ".join(dict.fromkeys(part for part in parts if part)) or code


def age(link: Deployment) -> int | None:
    """Minutes since the last sign of life."""
    at: datetime | None = link.seen_at
    return None if at is None else max(0, int((clock.now() - at).total_seconds() // 60))


def state_words(call: ReportedCall) -> str:
    return str(CallState(call.state).label)


def local(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")


def plain(event: AlertEvent, prefix: str, own: Coverage) -> dict[str, Any]:
    """For programs and the report: {"links": [...], "together": {...}}."""
    reports = of(event, prefix)
    everybody, doors = together(own, reports)
    return {
        "links": [
            {
                "id": one.link.pk,
                "name": one.link.name,
                "place": one.link.place_id,
                "light": one.health.light,
                "says": one.health.says,
                "seen_at": local(one.link.seen_at) if one.link.seen_at else None,
                "waiting": one.link.waiting,
                "all": one.all.as_dict(),
                "vulnerable": one.vulnerable.as_dict(),
                "households": one.doors.as_dict(),
                "households_held_here": one.held.doors,
                "posts": vars(one.posts),
                "children": [
                    {
                        "code": row.code,
                        "name": row.name,
                        "held_here": row.held,
                        "all": row.all.as_dict(),
                        "households": row.doors.as_dict(),
                    }
                    for row in one.rows
                ],
            }
            for one in reports
        ],
        "together": {"all": everybody.as_dict(), "households": doors.as_dict()},
    }
