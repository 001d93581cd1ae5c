"""The due rows: list the doors when the phones have had their time, hand them to an update, close them at the end.

1. At issue a row says when and whose doors; the rule is frozen in it.
2. `tick`, a duty of any worker, moves what is due by one statement each, under the lock of the fold: an answer is
   either counted before the list is made, or takes its door off the list afterwards.
3. An update takes over the open doors of the message it replaces, and its deadline if that is still to come; its own
   doors are added at its own deadline.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from lastmile.alerting import fold, queries
from lastmile.alerting.models import WARNS, Alert, AlertEvent, Visit, VisitRound, Whom
from lastmile.alerting.sql import statement
from lastmile.alerting.visits import owing, phone, rules, uncovered
from lastmile.kernel import audit, clock


def plan(event: AlertEvent, **_news: Any) -> None:
    """At issue: when the doors of this message will be listed. Nobody is visited for an all-clear."""
    if event.frozen["kind"] not in WARNS:
        return
    rule = rules.rule_for(event.place, event.colour)
    if rule.whom != Whom.NOBODY:
        due = event.sent_at + rule.after
        VisitRound.objects.create(event=event, due_at=due, whom=rule.whom, volunteers=rule.volunteers)


def tick() -> int:
    """The worker's duty. How many rounds it moved."""
    return fold.each(_over, end) + fold.each(_due, fill)


def _running() -> QuerySet[VisitRound]:
    return VisitRound.objects.filter(closed_at=None).select_related("event__alert")


def _due() -> QuerySet[VisitRound]:
    return _running().filter(filled_at=None, due_at__lte=clock.now(), event__closed_at=None)


def _over() -> QuerySet[VisitRound]:
    return _running().filter(event__closed_at__isnull=False)


def fill(held: VisitRound) -> int:
    """List the doors of the deadline."""
    event = held.event
    doors = _list(held, silent=held.whom == Whom.SILENT, both=False)
    VisitRound.objects.filter(pk=held.pk).update(filled_at=clock.now())
    audit.record("alerting.visits_open", place=event.place, obj=event, doors=doors)
    return 1


def end(held: VisitRound) -> int:
    """The message is over. Its doors go to the update in force, if there is one, else nobody owes them any more."""
    heir = _heir(held.event.alert)
    if heir is not None:
        return _hand_down(held, heir)
    doors = owing.open_doors(held.event)
    _close(held)
    owing.withdraw(held.event, doors)
    uncovered.withdraw(held.event)
    return 1


def _heir(alert: Alert) -> VisitRound | None:
    """The round of the update in force that has come of this message."""
    return _running().filter(event__in=queries.after(alert), event__closed_at=None).first()


def _hand_down(before: VisitRound, heir: VisitRound) -> int:
    """A deadline that has not come yet is kept: those who answer neither message are listed at it, not later."""
    waits = before.filled_at is None and before.due_at > clock.now()
    old = owing.open_doors(before.event)
    if not old and waits:
        return 0
    values = {"event": heir.event_id, "before": before.event_id, "now": clock.now()}
    _opened(heir, _run("visits_carry", values))
    if before.filled_at is None and not waits:
        _list(heir, silent=before.whom == Whom.SILENT, both=True)
    _close(before, waits=waits)
    left = owing.open_doors(heir.event)
    owing.withdraw(before.event, [place for place in old if place not in left])
    owing.ask(heir.event, left)
    phone.tell(heir.event, list(left))
    return 1


def _list(held: VisitRound, *, silent: bool, both: bool) -> int:
    event = held.event
    values = {"event": event.pk, "follows": list(event.frozen.get("follows", [])), "now": clock.now()}
    doors = _run("visits_open", values | {"silent": silent, "both": both})
    with connection.cursor() as cursor:  # else the fold takes it for empty: 60 s for 5,000 answers
        cursor.execute("ANALYZE (SKIP_LOCKED) alerting_visit")
    _opened(held, doors)
    left = owing.open_doors(event)
    owing.ask(event, left)
    phone.tell(event, list(left))
    return doors


def _close(held: VisitRound, *, waits: bool = False) -> None:
    Visit.objects.filter(event=held.event_id, closed_at=None).update(closed_at=clock.now())
    if not waits:
        VisitRound.objects.filter(pk=held.pk).update(closed_at=clock.now())


def _opened(held: VisitRound, doors: int) -> None:
    if held.opened_at is None and held.volunteers:
        held.volunteers_at = clock.now() + timedelta(minutes=held.volunteers)
    held.opened_at, held.doors = held.opened_at or clock.now(), held.doors + doors
    held.save(update_fields=["opened_at", "doors", "volunteers_at"])


def _run(name: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return int(cursor.rowcount)
