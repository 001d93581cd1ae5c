"""Count new receipts and hand-overs into the tallies: exactly once, by any number of workers, never waiting.

1. A trigger notes every new receipt, and every place whose manifests changed, in the transaction that writes them.
2. One folder at a time (an advisory lock of the transaction; the others turn back at once) deletes from those tables,
   brings the standing of the people concerned up to date and moves the sums by the difference, then commits.
A receipt that is not committed yet is not visible and is found by a later fold; a fold that dies leaves everything as
it was. docs/adr/0008 says why there is no watermark on ids or transactions.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from lastmile.alerting import needs, signals
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.models.ledger import Fact
from lastmile.alerting.models.tally import BUCKET
from lastmile.alerting.sql import statement
from lastmile.kernel import locks, walls

Row = TypeVar("Row", bound=Model)
LOCK = "alerting.fold"
RECEIPTS, PLACES = 5_000, 500  # taken in one transaction; keeps a fold well below a second
BUDGET = 1.5  # seconds in one call; the worker has other duties

FIRST_LOOK = 1_000  # answers to an event before the statistics matter
_counted: Counter[int] = Counter()  # answers to each event that this process has counted


@walls.opened("answers of all places are counted")
def fold() -> int:
    """Count what is pending, for at most about BUDGET seconds. How many receipts and places were taken."""
    done, until = 0, time.monotonic() + BUDGET
    while taken := _step():
        done += taken
        if time.monotonic() > until:
            break
    return done


def _keep_statistics(event: int, answers: int) -> None:
    """Look at the standings anew whenever the answers to an event have passed another power of two.

    The planner takes an event it has never seen for empty, and would look through all its standings for each person. In
    a storm of 300,000 first answers that took more than ten minutes, and the server's own look comes a minute too late.
    """
    before, _counted[event] = _counted[event], _counted[event] + answers
    if _counted[event] >= FIRST_LOOK and before.bit_length() < _counted[event].bit_length():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) alerting_standing")


@transaction.atomic
def _step() -> int:
    return _handovers() + _answers() if locks.alone(LOCK) else 0


def _handovers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM alerting_pendingplace WHERE id IN (SELECT id FROM alerting_pendingplace ORDER BY id LIMIT %s)"
            " RETURNING event, place",
            [PLACES],
        )
        pairs = cursor.fetchall()
        if pairs:
            events, places = zip(*sorted(set(pairs)), strict=True)
            cursor.execute(statement("fold_whole"), {"events": list(events), "places": list(places)})
            if rest := cursor.fetchall():
                dirty = {"events": [event for event, _place in rest], "places": [place for _event, place in rest]}
                cursor.execute(statement("fold_handover"), dirty)
                cursor.execute(statement("fold_refused"), dirty)
            # who answered without being listed may be listed now
            cursor.execute(
                "INSERT INTO alerting_pendingreceipt SELECT max(receipt.id) FROM alerting_standing AS standing"
                " JOIN alerting_receipt AS receipt ON receipt.event_id = standing.event"
                " AND receipt.person = standing.person"
                " WHERE NOT standing.listed AND standing.event = ANY (%s) GROUP BY receipt.event_id, receipt.person"
                " ON CONFLICT DO NOTHING",
                [sorted(set(events))],
            )
    return len(pairs)


def _answers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM alerting_pendingreceipt WHERE receipt IN (SELECT receipt"
            " FROM alerting_pendingreceipt ORDER BY receipt LIMIT %s) RETURNING receipt)"
            " SELECT event.id, event.sent_at, receipt.person, receipt.fact, receipt.id FROM taken"
            " JOIN alerting_receipt AS receipt ON receipt.id = taken.receipt"
            " JOIN alerting_alertevent AS event ON event.id = receipt.event_id",
            [RECEIPTS],
        )
        people = defaultdict(list)
        rows = cursor.fetchall()
        for event, sent, person, _fact, _key in rows:
            people[event, sent].append(person)
        for (event, sent), persons in people.items():
            if event not in _counted:
                cursor.execute("ANALYZE (SKIP_LOCKED) alerting_manifest")
            values = {"event": event, "sent": sent, "bucket": BUCKET, "persons": sorted(set(persons))}
            cursor.execute(statement("fold_answers"), values)
            needing = [person for (person,) in cursor.fetchall()]
            _keep_statistics(event, len(persons))
            if needing:
                needs.follow(event, needing)
            signals.counted.send(AlertEvent, event=event, persons=values["persons"])
        if failed := [key for _event, _sent, _person, fact, key in rows if fact == Fact.FAILED]:
            cursor.execute(statement("fold_reported"), {"receipts": failed})
    return len(rows)


def recount(event: int) -> None:
    """Forget every sum of an event and count it again from receipts and manifests, as after a restored backup."""
    with transaction.atomic(), connection.cursor() as cursor:
        locks.wait(LOCK)
        for table in ("standing", "tally", "channeltally", "curve"):
            cursor.execute(f"DELETE FROM alerting_{table} WHERE event = %s", [event])  # noqa: S608  (our own names)
        cursor.execute(
            "INSERT INTO alerting_pendingplace (event, place)"
            " SELECT DISTINCT event_id, place FROM alerting_manifest WHERE event_id = %s",
            [event],
        )
        cursor.execute(
            "INSERT INTO alerting_pendingreceipt SELECT id FROM alerting_receipt WHERE event_id = %s"
            " ON CONFLICT DO NOTHING",
            [event],
        )


def each(wanted: Callable[[], QuerySet[Row]], move: Callable[[Row], int]) -> int:
    """`move` every row that `wanted` finds, one transaction each, while no answer is counted: how much moved.

    What another worker holds is left to it.
    """
    moved = 0
    for pk in list(wanted().values_list("pk", flat=True)):
        with transaction.atomic():
            held = wanted().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if held is not None:
                locks.wait(LOCK)
                moved += move(held)
    return moved
