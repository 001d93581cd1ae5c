"""叫应 of a city: more than 20,000 posts that must answer, opened, ticked, called and answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from lastmile.alerting.cascade import calling, hearing, opening, tick
from lastmile.alerting.manifest import area_of
from lastmile.alerting.models import AlertEvent, Call, CallAttempt, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.community.org.models import Post
from lastmile.kernel import clock
from lastmile.kernel.fields import seal
from tools.bench.desk import Desk
from tools.bench.results import Board, timed

SQL = Path(__file__).with_name("cascade.sql")
ROUNDS = 5


def settle() -> None:
    """Posts with holders, deputies, leave and numbers; kept for the next run."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE alerting_alertevent, alerting_alert CASCADE")
        if not Post.objects.exists():
            values: dict[str, Any] = {
                "now": clock.now(),
                "name": seal("王负责", "person.name"),
                "number": seal("+8610000000000", "contact.value"),
            }
            for part in SQL.read_text(encoding="utf-8").split(";\n"):
                cursor.execute(part, values)
        for table in ("org_post", "people_person", "people_appointment", "people_contact", "alerting_call"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def measure(board: Board) -> None:
    desk = Desk()
    event = desk.issue(desk.approved(1, {"places": ["4101"], "groups": ["responsible"]}))
    calls = Call.objects.filter(event=event).count()
    board.add("posts that must answer one warning", calls, "calls")
    _opening(board, event)
    with timed() as took:
        while tick.tick():
            pass
    board.add("  first wave: every call begins, with an attempt each", calls / took.seconds, "calls/s")
    tick.relay()  # where nobody is below, nothing is asked: once
    with connection.cursor() as cursor:
        for table in ("alerting_call", "alerting_callattempt", "alerting_callentry"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    _ticks(board, event)
    _calls(board)
    _answers(board, event)


def _opening(board: Board, event: AlertEvent) -> None:
    area = area_of(event)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE alerting_callentry, alerting_call CASCADE")
    with timed() as took:
        opening.opened_at_issue(None, event, area)
    board.add("opening them, in the transaction of the issue", took.seconds * 1_000, "ms")


def _ticks(board: Board, event: AlertEvent) -> None:
    """The duty with nothing due, then with a part of all calls due; the best of some rounds counts."""
    idle, part, now = [], [], clock.now()
    for _round in range(ROUNDS):
        with timed() as took:
            tick.run()
        idle.append(took.seconds * 1_000)
    board.add(f"cascade tick over {Call.objects.count():,} open calls, nothing due", min(idle), "ms", "<= 200")
    ids = list(Call.objects.filter(event=event, due_at__isnull=False).order_by("pk").values_list("pk", flat=True))
    for number in range(ROUNDS):
        due = ids[number * tick.AT_ONCE : (number + 1) * tick.AT_ONCE]
        Call.objects.filter(pk__in=due).update(due_at=now - timedelta(seconds=1))
        with timed() as took:
            moved = tick.tick()
        assert moved == len(due), (moved, len(due))  # noqa: S101  (a tick of nothing would be fast)
        part.append(took.seconds * 1_000)
    board.add(f"  {tick.AT_ONCE:,} of them due: each moves by one step", min(part), "ms", "<= 200")


def _calls(board: Board) -> None:
    """Everything that waits goes to a channel that swallows it: claim, render, hand over, settle."""
    waiting = CallAttempt.objects.filter(due_at__isnull=False).count()
    with timed() as took:
        done = 0
        while made := calling.once("bench"):
            done += made
    assert done >= waiting, (done, waiting)  # noqa: S101
    board.add("calls handed over, with their texts made", done / took.seconds, "calls/s")


def _answers(board: Board, event: AlertEvent) -> None:
    persons = [
        person for (person,) in Call.objects.filter(event=event, confirmed_at=None).values_list("person")[:5_000]
    ]
    known = [person for person in persons if person]
    now = clock.now()
    append([NewReceipt(f"b{person}", event.pk, person, Fact.CONFIRMED, "link", now) for person in known])
    with timed() as took:
        hearing.hear(event.pk, known[:1])
    board.add("one answer reaches its call", took.seconds * 1_000, "ms")
    with timed() as took:
        hearing.hear(event.pk, known[1:])
    board.add("answers that reach their calls", len(known[1:]) / took.seconds, "answers/s")
    with timed() as took:
        tick.relay()
    board.add("who has passed it on, seen for all open calls", took.seconds * 1_000, "ms")
