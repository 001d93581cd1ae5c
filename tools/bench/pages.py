"""The coverage page of a city with a million recipients and 300,000 answers: its queries, and the whole page as a
logged-in officer gets it; and sending again to those not reached."""

from __future__ import annotations

import random
import statistics
import time

from django.db import connection, transaction

from lastmile.alerting import coverage, fold, resend
from lastmile.alerting.models import AlertEvent, Fact, Manifest
from lastmile.kernel import clock
from tools.bench import visit
from tools.bench.desk import CITY, Desk
from tools.bench.results import Board, timed

SHARE = 0.3
FACTS = [Fact.DELIVERED, Fact.CONFIRMED, Fact.SAFE, Fact.MOVED, Fact.NEEDS_HELP]
AREAS = [("city", CITY), ("county", "410182"), ("township", "410182109")]
ROUNDS = 5


def measure(board: Board, event: AlertEvent) -> None:
    dice = random.Random(1)  # noqa: S311  # invented answers
    people = [
        person
        for row in Manifest.objects.filter(event=event).values_list("person_ids", flat=True)
        for person in row
        if dice.random() < SHARE
    ]
    now = clock.now()
    with timed() as written, connection.cursor() as cursor:
        columns = "key, event_id, person, fact, channel, happened_at, entered_at"
        with cursor.copy(f"COPY alerting_receipt ({columns}) FROM STDIN") as copy:
            for person in people:
                copy.write_row((f"b{person}", event.pk, person, int(dice.choice(FACTS)), "link", now, now))
    board.add("receipts appended by COPY", len(people) / written.seconds, "receipts/s")
    with timed() as counted:
        while fold.fold():
            pass
    board.add("receipts counted into the sums", len(people) / counted.seconds, "receipts/s")
    _a_minute_later()
    for name, prefix in AREAS:
        board.add(f"coverage page of a {name}: its queries", _page(event, prefix) * 1_000, "ms", "<= 100")
    officer = Desk().officer
    paths = [f"/alerts/{event.alert.code}/coverage/{prefix}/" for _name, prefix in AREAS]
    for (name, _prefix), taken in zip(AREAS, visit.seconds(officer.username, paths), strict=True):
        board.add(f"coverage page of a {name}: the whole page", taken * 1_000, "ms", "<= 100")
    with timed() as previewed:
        shown = resend.preview(event, CITY, silent=False)
    board.add(f"send again: count {shown.people:,} people not reached", previewed.seconds, "s", "<= 1")
    with transaction.atomic(), timed() as sent:
        resend.send_again(officer, event, CITY, "null", silent=False, wave=shown.wave)
        transaction.set_rollback(True)
    board.add("send again: write them a wave", sent.seconds, "s")


def _a_minute_later() -> None:
    """What the database does by itself within a minute of so many answers."""
    with connection.cursor() as cursor:
        for table in ("tally", "channeltally", "curve", "standing", "receipt", "pendingreceipt", "pendingplace"):
            cursor.execute(f"VACUUM (ANALYZE) alerting_{table}")


def _page(event: AlertEvent, prefix: str) -> float:
    """Everything the page asks for, median of some rounds."""
    taken = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        coverage.with_children(event, prefix)
        coverage.channels(event, prefix)
        coverage.curves(event, prefix)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
