"""The audit trail of years: a million entries verified, searched and archived."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.test import RequestFactory

from lastmile.community.accounts import lists
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.kernel import archive, audit, clock
from lastmile.kernel.models import AuditArchive
from tools.bench.desk import Desk
from tools.bench.results import Board, timed

ENTRIES, PART = 1_000_000, 50_000
WRITE = """INSERT INTO kernel_auditentry (at, actor, actor_name, action, place, object_type, object_id, detail, address,
    previous, digest)
SELECT %(from)s::timestamptz + make_interval(secs => n * 15.5), 1 + n %% 500, '值班员' || n %% 500,
    (ARRAY['people.look', 'accounts.login', 'alerting.receipt', 'people.edit_person'])[1 + n %% 4],
    '4101' || lpad((n %% 9)::text, 2, '0'), 'people.person', (n %% 90000)::text,
    jsonb_build_object('fields', n %% 7, 'words', '崔庙镇'), '10.1.2.3', '', ''
FROM generate_series(%(first)s, %(last)s) n"""


def settle() -> None:
    """A million entries over the last half year, through the trigger that chains them; kept for the next run."""
    Desk()._user("bench-auditor", Role.AUDITOR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_auditentry")
        have = int(cursor.fetchone()[0])
        if have < PART:  # entries of today, from settling the places, would stand before those of half a year
            have = 0
            cursor.execute("TRUNCATE kernel_auditentry")
            cursor.execute("UPDATE kernel_audit_head SET entries = 0, last_id = 0, digest = ''")
        begin = clock.now() - timedelta(days=180)
        for first in range(have, ENTRIES, PART):
            last = min(first + PART, ENTRIES) - 1
            with transaction.atomic():
                cursor.execute(WRITE, {"from": begin, "first": first, "last": last})
        cursor.execute("VACUUM (ANALYZE) kernel_auditentry")


def measure(board: Board) -> None:
    with timed() as verified:
        checked, found = audit.verify()
    if found is not None:
        raise RuntimeError(found)
    board.add(f"audit trail of {checked:,} entries verified", verified.seconds, "s", "<= 20")
    for name, query in SEARCHES.items():
        board.add(f"auditor's page: {name}", _page(query) * 1_000, "ms", "<= 300")
    _archive(board)


SEARCHES = {
    "the newest": "",
    "one person": "who=值班员7",
    "one act at one place": "act=people.look&where=410103",
    "one object": "object=people.person:777",
    "the last page": "before=60",
}


def _page(query: str) -> float:
    """Everything the table of the page asks for."""
    auditor = User.objects.get(username="bench-auditor")
    return _median(lambda: lists.audit(RequestFactory().get("/audit/?" + query), auditor).body)


def _median(do: Callable[[], object]) -> float:
    taken = []
    for _round in range(5):
        start = time.perf_counter()
        do()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _archive(board: Board) -> None:
    """All months that are over, and all of them checked; taken back."""
    with transaction.atomic():
        with timed() as written:
            archive.write_due()
        rows = sum(AuditArchive.objects.values_list("entries", flat=True))
        board.add("entries written to signed archives", rows / written.seconds, "entries/s")
        size = AuditArchive.objects.aggregate(size=Sum(Length("content")))["size"]
        board.add("size of archives, for each entry", size / rows, "bytes")
        with timed() as checked:
            if (found := archive.verify()) is not None:
                raise RuntimeError(found)
        board.add(f"archives of {rows:,} entries verified", checked.seconds, "s", "<= 20")
        transaction.set_rollback(True)
