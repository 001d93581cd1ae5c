"""The audit trail can't be changed without it showing."""

from __future__ import annotations

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
    assert found is not None
    assert found.entry == third.pk
    assert first.pk < third.pk


def test_it_finds_a_removed_end() -> None:
    last = entries(3)[-1]
    without_guard(f"DELETE FROM kernel_auditentry WHERE id = {last.pk}")
    assert audit.verify()[1] == audit.Break(last.pk, "entries at the end were removed")
