"""The gap radar of a whole city: every rule counted anew over 20,000 grids, and the page that reads the sums."""

from __future__ import annotations

import statistics
import time

from django.db import connection, transaction

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Level, Place
from lastmile.duties import gap_table
from lastmile.duties.actions import gaps
from lastmile.duties.actions.responsibilities import adopt
from tools.bench.desk import CITY, Desk
from tools.bench.results import Board, timed

GRIDS = 20_000
ROUNDS = 5


def measure(board: Board, desk: Desk) -> None:
    """All of it in one transaction that is taken back: the city of the other parts stays as it is."""
    with transaction.atomic():
        _divide()
        with timed() as adopted:
            lists = adopt(CITY, by=desk.officer)
        board.add("responsibility lists handed out", lists / adopted.seconds, "lists/s")
        villages, grids = (Place.objects.current().at(level).count() for level in (Level.VILLAGE, Level.GRID))
        for what in ("first", "again"):
            with timed() as counted:
                gaps.refresh()
            name = f"gap radar of {villages:,} villages and {grids:,} grids, {what}"
            board.add(name, counted.seconds, "s", "<= 5")
        board.add("gap radar page of the city", _page(desk.officer) * 1_000, "ms", "<= 100")
        transaction.set_rollback(True)


def _divide() -> None:
    """Grids until there are enough, each with a post that nobody holds; the households stay where they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO org_place (code, level, name, parent_id, national_code)
               SELECT v.code || lpad(n::text, 3, '0'), 6, '第' || n || '网格', v.code, v.code || lpad(n::text, 3, '0')
               FROM generate_series(901, 999) n CROSS JOIN org_place v WHERE v.level = 5 AND v.valid_to IS NULL
               ORDER BY n, v.code LIMIT greatest(0, %s - (SELECT count(*) FROM org_place WHERE level = 6))""",
            [GRIDS],
        )
        cursor.execute(
            """INSERT INTO org_post (place_id, kind, title, department, must_answer)
               SELECT code, 'grid_worker', '网格员', '', true FROM org_place WHERE level = 6
               ON CONFLICT DO NOTHING"""
        )
        cursor.execute("ANALYZE org_place, org_post")


def _page(officer: User) -> float:
    """Everything the page asks for, median of some rounds."""
    place, taken = Place.objects.get(code=CITY), []
    gaps.refresh_due()
    for _round in range(ROUNDS):
        start = time.perf_counter()
        gap_table.table(officer, place).context(officer)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
