"""The audit trail can't be changed without it showing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from lastmile.kernel import audit
from lastmile.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def entries(count: int) -> list[AuditEntry]:
    for number in range(count):
        audit.record("test.act", place="4101", number=number)
    return list(AuditEntry.objects.order_by("id"))


def without_guard(sql: str) -> None:
    """What someone with the database's own rights could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_settle IMMEDIATE")  # as after a commit
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_refuse")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE kernel_auditentry ENABLE TRIGGER audit_refuse")


def test_an_untouched_chain_holds() -> None:
    entries(5)
    assert audit.verify() == (5, None)


def test_it_refuses_to_change_an_entry() -> None:
    first = entries(1)[0]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=first.pk).update(action="test.other")


def test_it_names_an_altered_entry() -> None:
    second = entries(3)[1]
    without_guard(f"UPDATE kernel_auditentry SET action = 'test.other' WHERE id = {second.pk}")
    assert audit.verify()[1] == audit.Break(second.pk, "this entry was altered")


def test_it_names_the_entry_after_a_removed_one() -> None:
    first, second, third = entries(3)
    without_guard(f"DELETE FROM kernel_auditentry WHERE id = {second.pk}")
    found = audit.verify()[1]
    assert found == audit.Break(third.pk, audit.REMOVED, first.pk)
    assert str(first.pk) in str(audit.reason(found))
    assert str(third.pk) in str(audit.reason(found))


def test_it_names_an_entry_that_changed_its_place() -> None:
    """Nothing is lost and nothing edited: two entries stand in each other's place."""
    _first, second, third, _fourth = entries(4)
    without_guard(
        f"""UPDATE kernel_auditentry SET id = -1 WHERE id = {second.pk};
            UPDATE kernel_auditentry SET id = {second.pk} WHERE id = {third.pk};
            UPDATE kernel_auditentry SET id = {third.pk} WHERE id = -1"""
    )
    assert audit.verify() == (4, audit.Break(second.pk, audit.MOVED))


def test_an_entry_whose_digest_was_made_to_fit_is_found_by_the_one_after_it() -> None:
    first, second, third = entries(3)
    without_guard(f"UPDATE kernel_auditentry SET actor_name = 'nobody' WHERE id = {second.pk}")
    without_guard(f"UPDATE kernel_auditentry e SET digest = kernel_audit_digest(previous, e) WHERE id = {second.pk}")
    found = audit.verify()[1]
    assert found is not None
    assert (found.entry, found.after) == (third.pk, second.pk)
    assert first.pk < second.pk


def test_the_first_of_several_breaks_is_named() -> None:
    rows = entries(6)
    without_guard(f"UPDATE kernel_auditentry SET place = '4102' WHERE id = {rows[4].pk}")
    without_guard(f"DELETE FROM kernel_auditentry WHERE id = {rows[1].pk}")
    assert audit.verify()[1] == audit.Break(rows[2].pk, audit.REMOVED, rows[0].pk)


def test_a_trail_without_its_end_noted_down_is_broken() -> None:
    entries(2)
    without_guard("DELETE FROM kernel_audit_head")
    assert audit.verify()[1] == audit.Break(0, audit.GONE)


def test_what_is_verified_is_what_the_trigger_has_written() -> None:
    """The expression stands twice, once for several processors."""
    entries(1)
    audit.record("test.act", number=0.5, words="崔庙镇 \"'\n", none=None, place="41", object_type="a", object_id="1")
    assert audit.verify() == (2, None)


def test_it_finds_a_removed_end() -> None:
    last = entries(3)[-1]
    without_guard(f"DELETE FROM kernel_auditentry WHERE id = {last.pk}")
    assert audit.verify()[1] == audit.Break(last.pk, "entries at the end were removed")


def test_many_entries_of_one_transaction_take_linear_time() -> None:
    """The head was written with each entry, and each new version lay before the next reader: quadratic."""
    insert = """INSERT INTO kernel_auditentry (at, actor_name, action, place, object_type, object_id, detail, previous,
                digest) SELECT now(), 'raw', 'test.raw', '', '', '', '{}', '', '' FROM generate_series(1, %s)"""
    taken = []
    with connection.cursor() as cursor:
        for _time in range(2):
            start = _worked(cursor)
            cursor.execute(insert, [6_000])
            taken.append(_worked(cursor) - start)
    assert audit.verify() == (12_000, None)
    assert taken[1] < 2 * taken[0] + 0.05


def _worked(cursor: Any) -> float:
    """Seconds that the database has worked for this connection: the same however busy the machine is."""
    cursor.execute("SELECT pg_backend_pid()")
    stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return time.perf_counter()
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_an_entry_made_by_hand_is_in_the_chain() -> None:
    entries(2)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO kernel_auditentry (id, at, actor_name, action, place, object_type, object_id, detail,
               previous, digest) VALUES (1, now(), 'raw', 'test.raw', '', '', '', '{}', 'made', 'up')"""
        )
    entries(1)
    assert audit.verify() == (4, None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_settle IMMEDIATE")
        cursor.execute("SELECT entries, last_id FROM kernel_audit_head")
        assert cursor.fetchone() == (4, audit.head()[0])
