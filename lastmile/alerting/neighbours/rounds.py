"""The due rows of neighbours: each step moved by one statement, by any number of workers, under the lock of the fold.

1. Heads are asked about the doors of their cells that have not answered, both neighbours of a pair about theirs.
2. Where the head is silent, the deputy. 3. Where both are, the doors are split among the nearest other heads.
Doors that are open then are on the grid worker's list (`visits`), as without cells; what is still open there after
the rule's time goes to the volunteers of the grid or its village. Whoever takes their consent back in the middle is
asked no more, and the next one is asked at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from lastmile.alerting import fold, manifest, queries
from lastmile.alerting.cell_texts import MOST
from lastmile.alerting.channels import registry
from lastmile.alerting.models import WARNS, AlertEvent, CellAsk, CellDoor, CellRound, Stage, VisitRound, Whom
from lastmile.alerting.neighbours import rules, thanks
from lastmile.alerting.sql import fetch, statement
from lastmile.alerting.visits.rules import rule_for as visits_rule
from lastmile.kernel import audit, clock

NUMBER = 500  # messages to neighbours have keys above those of calls


def plan(event: AlertEvent, **_news: Any) -> None:
    """At issue: when neighbours are asked; after an all-clear those who were are thanked."""
    if event.frozen["kind"] not in WARNS:
        thanks.thank(event)
        return
    rule, whom = rules.rule_for(event.place, event.colour), visits_rule(event.place, event.colour).whom
    if rule.minutes and whom != Whom.NOBODY:
        due = event.sent_at + timedelta(minutes=rule.minutes)
        CellRound.objects.create(event=event, whom=whom, step=rule.step, due_at=due)


def tick() -> int:
    """The worker's duty. How many rounds it moved."""
    return fold.each(_over, end) + fold.each(_due, move) + fold.each(_left, volunteers) + consents()


def _running() -> QuerySet[CellRound]:
    return CellRound.objects.filter(closed_at=None).select_related("event__alert")


def _due() -> QuerySet[CellRound]:
    return _running().filter(due_at__lte=clock.now(), event__closed_at=None)


def _over() -> QuerySet[CellRound]:
    return _running().filter(event__closed_at__isnull=False)


def _left() -> QuerySet[VisitRound]:
    rows = VisitRound.objects.filter(closed_at=None, volunteers_at__lte=clock.now(), event__closed_at=None)
    return rows.select_related("event__alert")


def volunteers(walk: VisitRound) -> int:
    """Divide what is still open on the grid workers' lists among volunteers, a stretch of the walk each. Always 1."""
    event, now = walk.event, clock.now()
    values = {"whom": walk.whom, "step": 1, "stage": Stage.SPLIT, "opened_at": now}
    held, _new = CellRound.objects.get_or_create(event=event, defaults=values)  # so that answers are followed
    held.opened_at = held.opened_at or now
    asked = _ask(held, "cells_volunteers", Stage.VOLUNTEERS, most=MOST)
    held.save(update_fields=["opened_at"])
    VisitRound.objects.filter(pk=walk.pk).update(volunteers_at=None)
    audit.record("alerting.volunteers", place=event.place, obj=event, asked=asked)
    return 1


def move(held: CellRound) -> int:
    """One step. Always 1."""
    now, stage = clock.now(), Stage(held.stage + 1)
    if stage == Stage.HEADS:
        held.opened_at = held.opened_at or now
        doors = _open(held)
        asked = _ask(held, "cells_ask", stage, silence=None) + _ask(held, "cells_pairs", stage)
        audit.record("alerting.cells_open", place=held.event.place, obj=held.event, doors=doors, asked=asked)
    elif stage == Stage.DEPUTIES:
        _ask(held, "cells_ask", stage, silence=now)
    else:
        _ask(held, "cells_split", stage, silence=now)
    held.stage = stage
    held.due_at = None if stage == Stage.SPLIT else now + timedelta(minutes=held.step)
    held.save(update_fields=["stage", "due_at", "opened_at"])
    return 1


def _open(held: CellRound) -> int:
    event = held.event
    values = {"event": event.pk, "follows": list(event.frozen.get("follows", [])), "now": clock.now()}
    return _run("cells_open", values | {"silent": held.whom == Whom.SILENT, "both": False})


def _ask(held: CellRound, name: str, stage: Stage, **more: Any) -> int:
    """How many were asked."""
    event, now = held.event, clock.now()
    ways = registry.writing(event.frozen["channels"])
    with connection.cursor() as cursor:  # the planner would take for empty what the step before has filled
        cursor.execute("ANALYZE (SKIP_LOCKED) alerting_celldoor, alerting_cellask")
    values = {"event": event.pk, "now": now, "day": clock.today(), "ways": [name for name, _kind in ways]}
    values |= {"kinds": [kind for _name, kind in ways]}
    values |= {"number": NUMBER + stage, "base": manifest.base_priority(event) + 50} | more
    found = fetch(name, **values)
    return int(found[0][0])


@transaction.atomic
def consents() -> int:
    """Whoever took their consent back is asked no more; who is next for their doors is asked at once."""
    running = {held.pk: held for held in _running().filter(opened_at__isnull=False, event__closed_at=None)}
    if not running:
        return 0
    events = {event for (event,) in fetch("cells_consent", events=list(running), now=clock.now())}
    for event in sorted(events):
        stage = Stage(running[event].stage)
        _ask(running[event], "cells_ask", stage, silence=None)
        if stage == Stage.SPLIT:
            _ask(running[event], "cells_split", stage, silence=clock.now() - timedelta(minutes=running[event].step))
    return len(events)


def end(held: CellRound) -> int:
    """The message is over: its doors, and who was asked, go to the update in force; without one nobody is asked."""
    heir = _running().filter(event__in=queries.after(held.event.alert), event__closed_at=None).first()
    now = clock.now()
    if heir is not None and held.opened_at is not None:
        _run("cells_carry", {"event": heir.event_id, "before": held.event_id, "now": now})
        CellRound.objects.filter(pk=heir.pk, opened_at=None).update(opened_at=now)
    elif heir is not None and held.due_at is not None and heir.stage == Stage.WAITING and heir.due_at is not None:
        CellRound.objects.filter(pk=heir.pk).update(
            due_at=min(heir.due_at, held.due_at)
        )  # a deadline stays where it was
    CellDoor.objects.filter(event=held.event_id, closed_at=None).update(closed_at=now)
    CellAsk.objects.filter(event=held.event_id, closed_at=None).update(closed_at=now)
    CellRound.objects.filter(pk=held.pk).update(closed_at=now)
    return 1


def follow(event: int, persons: Any, **_news: Any) -> None:
    """Doors of these people as they stand now, in the transaction that counts their answers."""
    held = CellRound.objects.filter(event=event, opened_at__isnull=False, closed_at=None).first()
    if held is not None:
        values = {"event": event, "persons": list(persons), "now": clock.now(), "silent": held.whom == Whom.SILENT}
        _run("cells_follow", values)


def _run(name: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return int(cursor.rowcount)
