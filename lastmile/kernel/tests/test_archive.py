"""Months of the audit trail that are over lie in signed files; nothing leaves the table that is not in one."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from lastmile.kernel import archive, audit, clock, seal
from lastmile.kernel.models import AuditArchive, AuditEntry

pytestmark = pytest.mark.django_db
MONTHS = 3


@pytest.fixture
def months() -> list[AuditArchive]:
    """Three months of entries, all of them over, and one entry of today; none near the turn of a month."""
    clock.forward(days=(archive.next_month(clock.today()) - clock.today()).days + 9)
    for month in range(MONTHS):
        for number in range(4):
            audit.record("test.act", place="4101", number=number, month=month, words="崔庙镇")
        clock.forward(days=31)
    clock.forward(days=31)
    audit.record("test.today")
    settled()
    assert archive.write_due() == MONTHS
    return list(AuditArchive.objects.order_by("month"))


def settled() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit


def by_hand(sql: str, *parameters: Any) -> None:
    """What someone with the database's own rights could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditarchive DISABLE TRIGGER archive_refuse")
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_refuse")
        cursor.execute(sql, parameters)
        cursor.execute("ALTER TABLE kernel_auditarchive ENABLE TRIGGER archive_refuse")
        cursor.execute("ALTER TABLE kernel_auditentry ENABLE TRIGGER audit_refuse")


def test_a_month_is_written_when_it_is_over_and_not_before() -> None:
    audit.record("test.act")
    assert archive.write_due() == 0
    clock.forward(days=32)
    assert archive.write_due() == 1
    assert archive.write_due() == 0
    assert archive.verify() is None


def test_anybody_can_check_a_month_without_us(months: list[AuditArchive]) -> None:
    previous, certificate_before = b"", ""
    for month in months:
        taken = archive.files(month)
        content, proof = (taken[name] for name in sorted(taken, reverse=True))
        proof = json.loads(proof)
        said = json.loads(proof["certificate"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["key"]))
        key.verify(bytes.fromhex(proof["signature"]), proof["certificate"].encode())
        assert said["sha256"] == hashlib.sha256(content).hexdigest()
        assert said["certificate_before"] == certificate_before
        assert said["previous"] == previous.hex()
        for line in gzip.decompress(content).splitlines():
            digest, _space, text = line.partition(b" ")
            previous = hashlib.sha256(previous + text).digest()
            assert digest.decode() == previous.hex()
        assert said["digest"] == previous.hex()
        certificate_before = hashlib.sha256(proof["certificate"].encode()).hexdigest()


def test_old_months_leave_the_table_and_the_chain_goes_on(months: list[AuditArchive], settings: Any) -> None:
    settings.AUDIT_MONTHS = 6
    assert archive.release_due() == 0  # the youngest law allows none of them yet
    clock.forward(days=31 * 4)
    assert archive.release_due() == 2
    assert AuditEntry.objects.count() == 4 + 1
    assert audit.verify() == (5, None)
    assert archive.verify() is None
    audit.record("test.more")
    settled()
    assert audit.verify() == (6, None)
    gone = next(archive.lines(bytes(months[0].content)))
    assert archive.agrees(gone[0], gone[1])
    assert not archive.agrees(gone[0], b"x" * 32)


def test_six_months_is_the_least_whatever_is_set(months: list[AuditArchive], settings: Any) -> None:
    settings.AUDIT_MONTHS = 1
    assert archive.release_due() == 0
    assert AuditEntry.objects.count() == 4 * MONTHS + 1


def test_an_entry_can_not_be_deleted_before_its_month_is_released(months: list[AuditArchive]) -> None:
    for statement in ("DELETE FROM kernel_auditentry", "DELETE FROM kernel_auditarchive"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_line_that_was_altered_is_named(months: list[AuditArchive]) -> None:
    second = months[1]
    content = gzip.decompress(bytes(second.content)).replace(b'"number": 2', b'"number": 9')
    by_hand("UPDATE kernel_auditarchive SET content = %s WHERE id = %s", gzip.compress(content), second.pk)
    fault = archive.verify()
    assert fault is not None
    assert (fault.month, fault.entry) == (second.month, second.first_id + 2)


def test_a_file_that_was_packed_again_is_not_the_one_that_was_signed(months: list[AuditArchive]) -> None:
    again = gzip.compress(gzip.decompress(bytes(months[0].content)), compresslevel=1, mtime=7)
    by_hand("UPDATE kernel_auditarchive SET content = %s WHERE id = %s", again, months[0].pk)
    fault = archive.verify()
    assert fault is not None
    assert fault.month == months[0].month


def test_rubbish_in_place_of_a_file_is_a_fault_and_nothing_worse(months: list[AuditArchive]) -> None:
    for rubbish in (b"", b"rubbish", gzip.compress(b"no line\n"), bytes(months[0].content)[:60]):
        by_hand("UPDATE kernel_auditarchive SET content = %s WHERE id = %s", rubbish, months[0].pk)
        fault = archive.verify()
        assert fault is not None, rubbish
        assert fault.month == months[0].month


def test_a_missing_month_is_found(months: list[AuditArchive]) -> None:
    by_hand("DELETE FROM kernel_auditarchive WHERE id = %s", months[1].pk)
    fault = archive.verify()
    assert fault is not None
    assert fault.month == months[2].month


def test_a_certificate_of_another_key_is_worth_nothing(months: list[AuditArchive], settings: Any) -> None:
    old = seal.public()
    settings.SEAL_KEY = "11" * 32
    fault = archive.verify()
    assert fault is not None
    assert fault.month == months[0].month
    settings.SEAL_TRUSTED = old
    assert archive.verify() is None


def test_entries_taken_out_without_an_archive_are_noticed(months: list[AuditArchive]) -> None:
    """Whoever owns the database can move the tail; no archive then ends where the trail begins."""
    last = AuditEntry.objects.order_by("-id")[1]
    by_hand("DELETE FROM kernel_auditarchive")
    by_hand(
        "UPDATE kernel_audit_tail SET entries = %s, last_id = %s, digest = %s", 4 * MONTHS, last.pk, bytes(last.digest)
    )
    by_hand("DELETE FROM kernel_auditentry WHERE id <= %s", last.pk)
    assert audit.verify() == (1, None)
    fault = archive.verify()
    assert fault is not None
    assert fault.entry == last.pk


def test_the_command_writes_compares_and_fails_on_a_copy_that_differs(
    months: list[AuditArchive], tmp_path: Path
) -> None:
    out = StringIO()
    call_command("audit", "archive", folder=tmp_path, stdout=out)
    assert len(list(tmp_path.iterdir())) == 2 * MONTHS
    settled()
    call_command("audit", "verify", folder=tmp_path, stdout=out)
    copy = next(tmp_path.glob("*.txt.gz"))
    copy.write_bytes(copy.read_bytes() + b"\0")
    with pytest.raises(CommandError, match="audit-"):
        call_command("audit", "verify", folder=tmp_path, stdout=out)


def test_a_clock_that_goes_back_tears_no_archive_apart(months: list[AuditArchive]) -> None:
    clock.forward(seconds=-timedelta(days=75).total_seconds())
    audit.record("test.back")
    clock.forward(days=200)
    settled()
    assert archive.write_due() == 1
    assert archive.verify() is None
