"""The coverage page of a city with a million recipients and 300,000 answers: its queries, and the whole page as a
logged-in officer gets it; and sending again to those not reached."""

from __future__ import annotations

import random
import statistics
import time

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings

from lastmile.alerting import coverage, fold, resend
from lastmile.alerting.models import AlertEvent, Fact, Manifest
from lastmile.kernel import clock
from tools.bench.desk import CITY, Desk
from tools.bench.results import Board, timed

SHARE = 0.3
FACTS = [Fact.DELIVERED, Fact.CONFIRMED, Fact.SAFE, Fact.MOVED, Fact.NEEDS_HELP]
ROUNDS = 5
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # needs no collected files


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
    for name, prefix in (("city", CITY), ("county", "410182"), ("township", "410182109")):
        board.add(f"coverage page of a {name}: its queries", _page(event, prefix) * 1_000, "ms", "<= 100")
        board.add(f"coverage page of a {name}: the whole page", _whole(event, prefix) * 1_000, "ms", "<= 100")
    with timed() as previewed:
        shown = resend.preview(event, CITY, silent=False)
    board.add(f"send again: count {shown.people:,} people not reached", previewed.seconds, "s", "<= 1")
    with transaction.atomic(), timed() as sent:
        resend.send_again(Desk().officer, event, CITY, "null", silent=False, wave=shown.wave)
        transaction.set_rollback(True)
    board.add("send again: write them a wave", sent.seconds, "s")


def _whole(event: AlertEvent, prefix: str) -> float:
    """Session, permissions, queries and template, without the network; median of some rounds."""
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        client = Client()
        client.force_login(Desk().officer)
        taken = []
        for _round in range(2 * ROUNDS + 1):
            start = time.perf_counter()
            answer = client.get(f"/alerts/{event.alert.code}/coverage/{prefix}/")
            taken.append(time.perf_counter() - start)
            if answer.status_code != 200:
                raise SystemExit(f"the page of {prefix} answers {answer.status_code}")
    return statistics.median(taken)


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
