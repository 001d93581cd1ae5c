"""Count the gaps anew, keep the sums and their changes, and set the limits of a place."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from lastmile.community.org.models import Place
from lastmile.duties import gaps
from lastmile.duties.models.gap import GapLimit, GapRun, GapSum
from lastmile.duties.queries.gaps import VILLAGE
from lastmile.duties.statements import fetch
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

EVERY = timedelta(minutes=15)
REST = 20  # a run that took long is followed by so many times its length of rest


@transaction.atomic
def refresh(prefix: str = "") -> int:
    """Count every rule under a place, keep the sums and what changed today; returns how many sums changed."""
    locks.wait("duties.gaps")  # two refreshes at once would both write the same change
    prefix = prefix[:VILLAGE]
    today = clock.today()
    return sum(_refresh_rule(rule, prefix, today) for rule in gaps.rules())


def _refresh_rule(rule: gaps.Rule, prefix: str, today: date) -> int:
    rows = gaps.found(rule, prefix).order_by().annotate(part=Left(gaps.CODE, VILLAGE)).values("part")
    now = {row["part"]: row["n"] for row in rows.annotate(n=Count("pk"))}
    kept = GapSum.objects.filter(rule=rule.name, place__startswith=prefix)
    before = dict(kept.values_list("place", "n"))
    changed = sorted(place for place in now.keys() | before.keys() if now.get(place, 0) != before.get(place, 0))
    if changed:
        numbers = [now.get(place, 0) for place in changed]
        deltas = [now.get(place, 0) - before.get(place, 0) for place in changed]
        fetch("keep_gaps", rule=rule.name, day=today, places=changed, numbers=numbers, deltas=deltas)
    return len(changed)


def refresh_due() -> int:
    """The worker's duty: count the whole area when its due row says so. One worker at a time does it."""
    now = clock.now()
    GapRun.objects.get_or_create(pk=1, defaults={"due_at": now})
    with transaction.atomic():
        run = GapRun.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).first()
        if run is None:
            return 0
        start = time.perf_counter()
        changed = refresh()
        run.seconds = time.perf_counter() - start
        run.done_at, run.due_at = now, _next(now, run.seconds)
        run.save()
    return changed


def _next(now: datetime, seconds: float) -> datetime:
    """Every quarter of an hour, more rarely where counting takes long, and always just before midnight in Beijing."""
    wanted = now + max(EVERY, timedelta(seconds=seconds * REST))
    here = now.astimezone(clock.BEIJING)
    night = here.replace(hour=23, minute=50, second=0, microsecond=0)
    return min(wanted, night) if here < night else wanted


@transaction.atomic
def set_limit(rule: gaps.Rule, place: Place, value: int | None, *, by: Actor) -> None:
    """Set a rule's number for a place and everything below; None goes back to that of the place above."""
    if rule.limit is None:
        raise Refusal(_("This kind of gap has no number to set."), _("Choose another kind."))
    if value is None:
        GapLimit.objects.filter(rule=rule.name, place=place).delete()
    else:
        if not 1 <= value <= rule.limit.most:
            raise Refusal(
                _("The number must lie between 1 and %(most)s.") % {"most": f"{rule.limit.most:,}"},
                _("Write another number."),
                fields={"value": _("Between 1 and %(most)s.") % {"most": f"{rule.limit.most:,}"}},
            )
        GapLimit.objects.update_or_create(rule=rule.name, place=place, defaults={"value": value})
    audit.record("duties.set_limit", actor=by, place=place.code, obj=place, rule=rule.name, value=value)
    refresh(place.code)
