"""Neighbours of a whole city are asked: every grid in cells of eight, each with head and deputy."""

from __future__ import annotations

from typing import Any

from django.db import connection

from lastmile.alerting.models import AlertEvent, CellAsk, CellDoor, CellRound, Whom
from lastmile.alerting.neighbours import rounds
from lastmile.kernel import clock
from tools.bench.results import Board, timed

FILL = """
WITH walk AS (
  SELECT id, place_id, (row_number() OVER (PARTITION BY place_id ORDER BY walking_order, id) - 1) / 8 + 1 AS number
    FROM people_household WHERE moved_out_on IS NULL
),
made AS (
  INSERT INTO cells_cell (place_id, number, since) SELECT place_id, number, %(day)s FROM walk GROUP BY 1, 2
  RETURNING id, place_id, number
),
inside AS (
  INSERT INTO cells_member (cell_id, household_id, since)
  SELECT made.id, walk.id, %(day)s FROM walk JOIN made USING (place_id, number) RETURNING cell_id, household_id
),
people AS (
  SELECT inside.cell_id, p.id, row_number() OVER (PARTITION BY inside.cell_id ORDER BY p.id) AS at
    FROM inside JOIN people_person p ON p.household_id = inside.household_id AND p.left_on IS NULL AND NOT p.minor
   WHERE EXISTS (SELECT FROM people_contact c WHERE c.person_id = p.id AND c.usable)
)
INSERT INTO cells_helper (cell_id, person_id, role, agreed_on, agreed_how, noted_name, withdrawn_how)
SELECT cell_id, id, CASE at WHEN 1 THEN 'head' ELSE 'deputy' END, %(day)s, 'talk', 'bench', '' FROM people WHERE at <= 2
"""


def measure(board: Board, event: AlertEvent) -> None:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"day": clock.today()}
        cursor.execute(FILL, values)
        cursor.execute("ANALYZE cells_cell, cells_member, cells_helper")
    held, _new = CellRound.objects.get_or_create(event=event, defaults={"whom": Whom.SILENT, "step": 3})
    for name in (
        "heads asked about their cells",
        "deputies of silent cells asked",
        "silent cells split among neighbours",
    ):
        CellRound.objects.filter(pk=held.pk).update(due_at=clock.now())
        before = CellAsk.objects.count()
        with timed() as took:
            rounds.tick()
        board.add(f"{name}, {CellAsk.objects.count() - before:,} people, to committed", took.seconds, "s", "<= 5")
    board.add("doors with neighbours", CellDoor.objects.filter(event=event.pk).count(), "doors")
