"""Read the gap radar: counts by place, trend, and how old the sums are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.db.models.functions import Left

from lastmile.community.org.models import CODE_LENGTH, Level
from lastmile.duties import gaps
from lastmile.duties.models.gap import GapChange, GapLimit, GapRun, GapSum
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

VILLAGE = CODE_LENGTH[Level.VILLAGE]
Counts = dict[str, dict[str, int]]  # rule → code → how many


def is_small(actor: Actor, prefix: str) -> bool:
    """Whether the area is at most one village: then it is counted anew each time, and exactly as it is now."""
    scopes = actor.scopes(Perm.GAPS_READ)
    return len(prefix) >= VILLAGE or all(len(scope) >= VILLAGE for scope in scopes)


def counted(actor: Actor, prefix: str, length: int) -> Counts:
    """For every rule the gaps under the place, by the first `length` digits of their codes.

    Larger areas are read from the sums that the worker keeps; before its first run they are counted, slowly.
    """
    if is_small(actor, prefix) or last_run() is None:
        return {rule.name: _counted_now(actor, rule, prefix, length) for rule in gaps.rules()}
    return _summed(actor, prefix, length)


def _counted_now(actor: Actor, rule: gaps.Rule, prefix: str, length: int) -> dict[str, int]:
    rows = gaps.seen(actor, rule, prefix).order_by().annotate(part=Left(gaps.CODE, length)).values("part")
    return {row["part"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def _summed(actor: Actor, prefix: str, length: int) -> Counts:
    rows = GapSum.objects.filter(_mine(actor), place__startswith=prefix, n__gt=0)
    parts = rows.annotate(part=Left("place", length)).values("rule", "part").annotate(total=Sum("n"))
    counts: Counts = {rule.name: {} for rule in gaps.rules()}
    for row in parts:
        if row["rule"] in counts:
            counts[row["rule"]][row["part"]] = row["total"]
    return counts


def _mine(actor: Actor) -> Q:
    scopes = actor.scopes(Perm.GAPS_READ)
    return Q() if "" in scopes else within([scope[:VILLAGE] for scope in scopes], "place")


def trend(actor: Actor, prefix: str, days: int = 90, rule: str = "") -> list[tuple[date, int]]:
    """(day, gaps at its end) of the last days under a place, from the first day on which anything was counted."""
    today = clock.today()
    rows = GapChange.objects.filter(_mine(actor), place__startswith=prefix[:VILLAGE])
    names = [rule] if rule else [known.name for known in gaps.rules()]
    changes = rows.filter(rule__in=names).values_list("day").annotate(total=Sum("delta")).order_by("day")
    by_day = dict(changes)
    if not by_day:
        return []
    first = max(min(by_day), today - timedelta(days=days))
    total = sum(n for day, n in by_day.items() if day < first)
    found = []
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        total += by_day.get(day, 0)
        found.append((day, total))
    return found


def last_run() -> GapRun | None:
    return GapRun.objects.filter(done_at__isnull=False).first()


def limits(prefix: str) -> dict[str, int]:
    """Rule → the limit in force at a place: its own, or that of the nearest place above that set one."""
    found = {rule.name: rule.limit.default for rule in gaps.rules() if rule.limit}
    codes = [prefix[:length] for length in CODE_LENGTH.values() if length <= len(prefix)]
    for name, _code, value in (
        GapLimit.objects.filter(place__in=codes).order_by("place").values_list("rule", "place", "value")
    ):
        if name in found:
            found[name] = value
    return found
