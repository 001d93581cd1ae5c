"""Before anything is sent: who would be called when, who stands behind them, and where nobody does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from lastmile.alerting import area as areas
from lastmile.alerting import target
from lastmile.alerting.audience import Audience
from lastmile.alerting.cascade import rules
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels import registry
from lastmile.alerting.models import Alert, Group
from lastmile.community.org.queries import in_words
from lastmile.community.people.models import Person
from lastmile.kernel import clock

SHOWN = 200  # posts on the page, those with something missing first


class Planned(NamedTuple):
    """A row of plan.sql."""

    place: str
    title: str
    site: str | None
    rule: int
    holder: int | None
    holder_away: bool
    deputy: int | None
    deputy_away: bool
    superior: int | None
    above: str | None
    above_place: str | None
    reachable: bool
    deputy_reachable: bool


@dataclass(frozen=True)
class Step:
    at: datetime
    says: str


@dataclass(frozen=True)
class Line:
    """One post: when whom, and what is missing."""

    where: str
    title: str
    steps: list[Step]
    missing: list[str]


@dataclass(frozen=True)
class Preview:
    posts: int
    vacant: int
    away: int
    unreachable: int
    alone: int  # without a deputy
    held_until: datetime | None  # quiet hours
    rings: bool
    lines: list[Line]


def preview(alert: Alert, now: datetime | None = None) -> Preview:
    """Of a warning as it stands, issued at `now`."""
    now = now or clock.now()
    ladder = rules.freeze(alert.place_id, alert.hazard, alert.colour)
    planned = [Planned(*row) for row in _planned(alert, ladder, now)]
    held = [rules.held_until(rules.Rules.read(entry), now) for entry in ladder]
    planned.sort(key=lambda one: (not _missing(one), len(one.place), one.place))
    shown = planned[:SHOWN]
    names = _names(shown)
    places = in_words({one.place for one in shown})
    return Preview(
        posts=len(planned),
        vacant=sum(one.holder is None for one in planned),
        away=sum(one.holder_away for one in planned),
        unreachable=sum(one.holder is not None and not one.reachable for one in planned),
        alone=sum(one.deputy is None for one in planned),
        held_until=max((at for at in held if at), default=None),
        rings=any("phone" in entry["ways"].values() and _rings(entry) for entry in ladder),
        lines=[_line(one, ladder[one.rule], held[one.rule] or now, names, places) for one in shown],
    )


def _rings(entry: dict[str, Any]) -> bool:
    return any(registry.capabilities(str(name)).lines for name in entry["ways"])


def _planned(alert: Alert, ladder: list[dict[str, Any]], now: datetime) -> list[tuple[Any, ...]]:
    audience = Audience(
        places=tuple(alert.audience.get("places", [])),
        polygons=tuple(alert.audience.get("polygons", [])),
        circles=tuple(tuple(circle) for circle in alert.audience.get("circles", [])),
        groups=tuple(Group(name) for name in alert.audience.get("groups", [])),
    )
    if not (audience.places or audience.polygons or audience.circles):
        return []
    values = target.parameters(areas.find(audience, alert.place_id), audience.groups, ())
    kinds = sorted({kind for entry in ladder for kind in dict(entry["ways"]).values()})
    values |= {"ladder": json.dumps(ladder), "within": "", "forced": False, "day": clock.day_of(now), "kinds": kinds}
    return fetch("plan", **values, now=now)


def _names(shown: list[Planned]) -> dict[int, str]:
    wanted = {person for one in shown for person in (one.holder, one.deputy, one.superior) if person}
    return {pk: person.name.masked() for pk, person in Person.objects.in_bulk(wanted).items()}


def _missing(one: Planned) -> list[str]:
    found = []
    if one.holder is None:
        found.append(_("post vacant"))
    elif one.holder_away:
        found.append(_("holder on leave"))
    elif not one.reachable:
        found.append(_("no usable number"))
    if one.deputy is None:
        found.append(_("no deputy"))
    elif one.deputy_away:
        found.append(_("deputy on leave"))
    if one.superior is None:
        found.append(_("no superior to be told"))
    return found


def _line(one: Planned, entry: dict[str, Any], at: datetime, names: dict[int, str], places: dict[str, str]) -> Line:
    steps = list(_steps(one, rules.Rules.read(entry), at, names))
    return Line(f"{places[one.place]} {one.site or ''}".strip(), one.title, steps, _missing(one))


def _steps(one: Planned, rule: rules.Rules, at: datetime, names: dict[int, str]) -> Iterator[Step]:
    rung = timedelta(seconds=rule.confirm)
    if one.holder and not one.holder_away and one.reachable:
        yield Step(at, _("%(name)s, up to %(times)d times") % {"name": names[one.holder], "times": rule.attempts})
        at += rung
    if rule.deputy and one.deputy and not one.deputy_away and one.deputy_reachable:
        yield Step(at, _("deputy %(name)s") % {"name": names[one.deputy]})
        at += rung
    if rule.superior and one.superior:
        above = {"name": names[one.superior], "place": one.above_place or "", "post": one.above or ""}
        yield Step(at, _("superior %(name)s (%(place)s %(post)s) is told who is silent") % above)
        at += rung
    if rule.door:
        yield Step(at, _("somebody goes there"))
