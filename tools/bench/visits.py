"""The phones have had their time: the doors that are left of a whole city, listed for every grid."""

from __future__ import annotations

import statistics
from typing import Any

from django.db import connection

from lastmile.alerting import fold
from lastmile.alerting.models import AlertEvent, Fact, Visit, VisitRound
from lastmile.alerting.visits import listing, rounds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tools.bench import cells
from tools.bench.desk import Desk, everybody
from tools.bench.results import Board, timed

SHARE = 0.3  # of the people confirm by phone
ROUNDS = 20

CONFIRM = """
INSERT INTO alerting_receipt (key, event_id, person, fact, channel, happened_at, entered_at)
SELECT 'b:' || person, %(event)s, person, %(fact)s, 'sms', %(now)s, %(now)s
  FROM (SELECT DISTINCT unnest(person_ids) AS person FROM alerting_manifest WHERE event_id = %(event)s) AS listed
 WHERE abs(hashint4(person) %% 100) < %(share)s
"""


def measure(board: Board) -> None:
    event = _confirmed(board)
    cells.measure(board, event)
    clock.forward(minutes=11)
    with timed() as opened:
        rounds.tick()
    places = Visit.objects.filter(event=event.pk).values("place").distinct().count()
    board.add("doors left to knock on", Visit.objects.filter(event=event.pk).count(), "doors")
    board.add("grids with a list", places, "grids")
    board.add(
        "obligations opened, one a grid", Obligation.objects.filter(kind="alerting.visits").count(), "obligations"
    )
    board.add("visit lists of every grid, from the deadline to committed", opened.seconds, "s", "<= 5")
    board.add("the list of one grid, in walking order", _lists(event) * 1_000, "ms", "<= 50")
    board.add("5,000 answers counted while doors are open", _answers(event), "s")


def _confirmed(board: Board) -> AlertEvent:
    """A red warning to everybody, and what the phones have brought."""
    desk = Desk()
    event = desk.issue(desk.approved(1, everybody()))
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "event": event.pk,
            "fact": int(Fact.CONFIRMED),
            "now": clock.now(),
            "share": int(SHARE * 100),
        }
        cursor.execute(CONFIRM, values)
        board.add("confirmed by phone", cursor.rowcount, "people")
    while fold.fold():
        pass
    VisitRound.objects.get(event=event)  # it was planned at issue
    return event


def _lists(event: AlertEvent) -> float:
    places = sorted(set(Visit.objects.filter(event=event.pk).values_list("place", flat=True)))
    taken = []
    for place in places[:: max(1, len(places) // ROUNDS)]:
        with timed() as took:
            listing.doors(event, place)
        taken.append(took.seconds)
    return statistics.median(taken)


def _answers(event: AlertEvent) -> float:
    """What a storm pays for the lists: as many as the fold takes at once."""
    homes = list(Visit.objects.filter(event=event.pk, closed_at=None).values_list("household", flat=True)[:5_000])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerting_receipt (key, event_id, person, fact, channel, happened_at, entered_at)"
            " SELECT 'c:' || min(id), %s, min(id), 4, 'sms', %s, %s FROM people_person WHERE household_id = ANY (%s)"
            " AND NOT minor GROUP BY household_id",
            [event.pk, clock.now(), clock.now(), homes],
        )
    with timed() as took:
        fold.fold()
    return took.seconds
