"""The send: a real worker process and the null channel; how fast it is, how big, and how soon a red one starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from lastmile.alerting.channels.registry import capabilities
from lastmile.alerting.dispatch import addresses
from lastmile.alerting.dispatch.render import Renderer
from lastmile.alerting.dispatch.store import database
from lastmile.alerting.dispatch.work import Sheet, Work
from lastmile.alerting.models import AlertEvent, Manifest
from lastmile.alerting.sql import statement
from tools.bench.desk import Desk, everybody
from tools.bench.results import Board, timed

TOWNSHIP = "410182"
SAMPLE = 100_000
LOOK = 0.1  # seconds between looks at a send under way: a look costs the database 10 ms


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "lastmile", "worker"], env=os.environ, cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def memory(process: subprocess.Popen[bytes]) -> float:
    """Most resident memory so far, MB."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1_024
    return 0.0


def open_batches(event: AlertEvent) -> int:
    return Manifest.objects.filter(event=event, due_at__isnull=False).count()


def first_settled(event: AlertEvent) -> float:
    """Seconds from issue to the first hand-over that was settled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(m.settled_at) - e.sent_at)"
            " FROM alerting_manifest m JOIN alerting_alertevent e ON e.id = m.event_id"
            " WHERE e.id = %s AND m.channel <> 'none' GROUP BY e.sent_at",
            [event.pk],
        )
        (first,) = cursor.fetchone()
    return float(first)


def measure(board: Board, desk: Desk, blue: AlertEvent) -> None:
    """Send the waiting blue warning; issue a red one while it is under way."""
    people = sum(
        len(row) for row in Manifest.objects.filter(event=blue, channel="null").values_list("person_ids", flat=True)
    )
    red_alert = desk.approved(1, everybody(TOWNSHIP))
    _raw(board, blue)
    total = open_batches(blue)
    with worker() as process:
        while open_batches(blue) == total:
            time.sleep(0.02)
        started, left = time.perf_counter(), open_batches(blue)
        before = memory(process)
        while open_batches(blue) > left * 0.6:
            time.sleep(LOOK)
        red = desk.issue(red_alert)
        if not open_batches(blue):
            raise SystemExit("the blue warning was over before the red one was issued: use more residents")
        while open_batches(blue) or open_batches(red):
            time.sleep(LOOK)
        seconds = time.perf_counter() - started
        after = memory(process)
    told = people * left / total + sum(
        len(row) for row in Manifest.objects.filter(event=red, channel="null").values_list("person_ids", flat=True)
    )
    board.add("dispatch through the null channel, one worker, counting on", told / seconds, "recipients/s", ">= 200000")
    board.add("red issued during the send: click to first hand-over settled", first_settled(red), "s", "<= 1")
    board.add("worker memory at the start", before, "MB")
    board.add("worker memory, most", after, "MB", "<= 200")


def _raw(board: Board, event: AlertEvent) -> None:
    """The parts of the work by themselves: fetching contact sheets, opening them, rendering."""
    rows = Manifest.objects.filter(event=event, channel="null").order_by("id")
    batches = list(rows.values_list("id", "place", "person_ids")[: max(1, SAMPLE // 300)])
    people = sum(len(ids) for _key, _place, ids in batches)
    with psycopg.connect(**database()) as own, own.cursor(binary=True) as cursor, timed() as fetched:
        cursor.execute(statement("load_sheets"), {"ids": [key for key, *_rest in batches], "kind": "phone"})
        sheets = {batch: Sheet(*sheet) for batch, *sheet in cursor.fetchall()}
    board.add("  raw: contact sheets fetched", people / fetched.seconds, "recipients/s")
    works = [Work(key, event.pk, place, "null", 0, 0, 1, ids, bytearray(len(ids))) for key, place, ids in batches]
    with timed() as opened:
        for work in works:
            addresses.from_sheet(work, sheets.get(work.id))
    board.add("  raw: contact sheets opened", people / opened.seconds, "recipients/s")
    renderer = Renderer(event.frozen, capabilities("null"), "")
    with timed() as rendered:
        for work in works:
            renderer.messages(work, range(len(work.persons)))
    board.add("  raw: texts and links rendered", people / rendered.seconds, "recipients/s")
