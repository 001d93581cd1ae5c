"""What the radar's pages show: tiles with their change, the table of places, the columns of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.org.queries import lineage
from lastmile.duties import gaps
from lastmile.duties.queries import gaps as queries
from lastmile.kernel import clock
from lastmile.kernel.lists import Column
from lastmile.kernel.permissions import Actor, Perm, may

WEEK = 7


@dataclass
class Row:
    place: Place
    counts: list[tuple[gaps.Rule, int]]

    @property
    def total(self) -> int:
        return sum(n for _rule, n in self.counts)


@dataclass
class Table:
    place: Place | None
    rules: list[gaps.Rule]
    rows: list[Row]

    def head(self) -> list[str]:
        return [_("Place"), _("Code"), _("All"), *(str(rule.label) for rule in self.rules)]

    def cells(self) -> Iterator[list[Any]]:
        for row in self.rows:
            yield [row.place.name, row.place.code, row.total, *(n for _rule, n in row.counts)]

    def context(self, who: Actor) -> dict[str, Any]:
        code = self.place.code if self.place else ""
        days = queries.trend(who, code)
        scopes = who.scopes(Perm.GAPS_READ)
        totals = {rule.name: sum(row.counts[i][1] for row in self.rows) for i, rule in enumerate(self.rules)}
        change = days[-1][1] - days[-1 - WEEK][1] if len(days) > WEEK else None
        return {
            "place": self.place,
            "code": code,
            "path": [above for above in lineage(code) if above.code.startswith(scopes)],
            "tiles": [(rule, totals[rule.name], _owner(rule)) for rule in self.rules],
            "total": sum(totals.values()),
            "rows": self.rows,
            "trend": [[day.isoformat(), n] for day, n in days],
            "change": change,
            "fewer": -change if change is not None else None,
            "closed": sum(not n for n in totals.values()),
            "shown": {name for name, n in totals.items() if n},
            "run": None if queries.is_small(who, code) else queries.last_run(),
            "old": _is_old(who, code),
            "may_limit": bool(code) and may(who, Perm.POST_EDIT, code),
        }


def _owner(rule: gaps.Rule) -> str:
    return str(Level(rule.owner).label)


def _is_old(who: Actor, code: str) -> bool:
    run = queries.last_run()
    stale = run is not None and run.done_at is not None and run.done_at < clock.now() - timedelta(hours=2)
    return stale and not queries.is_small(who, code)


def table(who: Actor, place: Place | None) -> Table:
    code = place.code if place else ""
    length = next((n for n in CODE_LENGTH.values() if n > max(len(code), 2)), CODE_LENGTH[Level.GRID])
    counts = queries.counted(who, code, length)
    codes = {part for parts in counts.values() for part in parts}
    places = Place.objects.in_bulk(codes)
    rules = gaps.rules()
    rows = [Row(places[c], [(rule, counts[rule.name].get(c, 0)) for rule in rules]) for c in codes & set(places)]
    return Table(place, rules, sorted(rows, key=lambda row: (-row.total, row.place.code)))


def columns(who: Actor, rule: gaps.Rule) -> list[Column]:
    """Where the gap is, what it is, whose job, and the one click that mends it."""
    names = _names()
    return [
        Column("where", _("Place"), lambda row: _where(row.gap_code, names), sort=gaps.CODE),
        Column("code", _("Code"), lambda row: row.gap_code, phone=False),
        Column("what", _("Gap"), rule.what, link=rule.url),
        Column("owner", _("Whose job"), lambda row: names(rule.owner_of(row.gap_code)), phone=False),
        Column("mend", _("Mend"), lambda row: _("Mend"), link=_mend(who, rule)),
    ]


def _mend(who: Actor, rule: gaps.Rule) -> Callable[[Any], str]:
    def link(row: Any) -> str:
        if rule.mend is None or not rule.mend.fits(row):
            return rule.url(row)
        return reverse("gap_mend", args=[rule.name, row.pk]) if may(who, rule.mend.perm, row.gap_code) else ""

    return link


def _where(code: str, names: Callable[[str], str]) -> str:
    parts = [code[:length] for length in (CODE_LENGTH[Level.VILLAGE], CODE_LENGTH[Level.GRID]) if len(code) >= length]
    return " ".join(names(part) for part in parts or [code])


def _names() -> Callable[[str], str]:
    """Names of places, each looked up once a request."""
    known: dict[str, str] = {}

    def name(code: str) -> str:
        if code not in known:
            known[code] = Place.objects.filter(code=code).values_list("name", flat=True).first() or code
        return known[code]

    return name


def one(who: Actor, rule: gaps.Rule, pk: str) -> Any:
    """The gap with this key that the person may see, or None when it is closed or was never there."""
    try:
        return gaps.seen(who, rule).filter(pk=pk).first()
    except (ValueError, ValidationError, OverflowError):
        return None
