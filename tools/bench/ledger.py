"""From the click on "issue" to the ledger, and from a drawn area to households."""

from __future__ import annotations

import json
import math
import statistics
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from lastmile.alerting import area as areas
from lastmile.alerting import target
from lastmile.alerting.audience import Audience
from lastmile.alerting.cascade import tick
from lastmile.alerting.models import AlertEvent, Manifest, PendingPlace
from lastmile.alerting.sql import statement
from lastmile.community.org import geometry
from lastmile.community.people.models import Household
from lastmile.kernel import clock
from tools.bench.desk import CITY, Desk, everybody
from tools.bench.results import Board, timed

ROUNDS = 3
CENTRE, RADIUS = (113.45, 34.72), 0.35  # degrees: most of the city
COLUMNS = (
    "event_id, place, channel, wave, part, priority, person_ids, states, due_at, lease_owner, attempts, error,"
    " settled_at"
)


def measure(board: Board, desk: Desk) -> AlertEvent:
    """Returns the last event, whose people have not been told yet."""
    alerts = [desk.approved(4, everybody()) for _round in range(ROUNDS)]
    issued, bare, query = [], [], []
    for alert in alerts:
        with timed() as took:
            event = desk.issue(alert)
        issued.append(took.seconds)
        bare.append(_bare_insert(event))
        query.append(_targeting())
    people = sum(len(row) for row in Manifest.objects.filter(event=event).values_list("person_ids", flat=True))
    board.add("recipients of the warning", people, "people")
    total, raw, targeting = (statistics.median(times) for times in (issued, bare, query))
    board.add("issue: click to ledger committed", total, "s")
    board.add("  raw: targeting query alone", targeting, "s")
    board.add("  raw: bare INSERT … SELECT of the same rows", raw, "s")
    board.add("issue against the raw two together", total / (raw + targeting), "×", "<= 3")
    Manifest.objects.exclude(event=event).delete()
    PendingPlace.objects.exclude(event=event.pk).delete()  # or the worker would count what is gone
    AlertEvent.objects.exclude(pk=event.pk).update(closed_at=clock.now())
    while tick.stop():  # or it would call everybody for each round
        pass
    return event


def _bare_insert(event: AlertEvent) -> float:
    """The same rows into a table with the same keys and indexes, read from one without any."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE rows_only ON COMMIT DROP AS SELECT * FROM alerting_manifest WHERE event_id = %s",
            [event.pk],
        )
        cursor.execute("CREATE TABLE bench_manifest (LIKE alerting_manifest INCLUDING ALL)")
        with timed() as took:
            cursor.execute(f"INSERT INTO bench_manifest ({COLUMNS}) SELECT {COLUMNS} FROM rows_only")  # noqa: S608
        transaction.set_rollback(True)
    return took.seconds


def _targeting() -> float:
    """Who is told, where and on which channel, without writing anything or carrying rows to the client."""
    audience = Audience.parse(everybody())
    values = target.parameters(areas.find(audience, CITY), audience.groups, ["null"])
    query = ",".join(
        [f"WITH {statement('targets')}", f"{statement('reach')} SELECT person, place, rank, channel FROM reached"]  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query, values)
        (plan,) = cursor.fetchone()
    found: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]
    return float(found["Execution Time"] + found["Planning Time"]) / 1_000


def area(board: Board) -> None:
    """A coast-like polygon of 1,000 vertices over all households."""
    points = [
        [CENTRE[0] + r * math.cos(a), CENTRE[1] + 0.8 * r * math.sin(a)]
        for a, r in ((2 * math.pi * n / 1_000, RADIUS * (1 + 0.08 * math.sin(n * 0.7))) for n in range(1_000))
    ]
    audience = Audience.parse({"polygons": [{"type": "Polygon", "coordinates": [points]}], "groups": ["residents"]})
    board.add("households", Household.objects.count(), "households")
    geometry._kept.clear()
    with timed() as cold:
        areas.find(audience, CITY)
    with timed() as warm:
        areas.find(audience, CITY)
    board.add("polygon of 1,000 vertices to grids and households, first time", cold.seconds, "s", "<= 1")
    board.add("polygon of 1,000 vertices, again", warm.seconds, "s")
    with timed() as took:
        target.estimate(audience, settings.CHANNELS, CITY)
    board.add("counts before sending, whole area", took.seconds, "s")
