"""Two writers at once keep one unbroken chain; a chain noted down elsewhere can't be rewritten unnoticed."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from lastmile.kernel import audit
from lastmile.kernel.models import AuditEntry


def write(count: int, barrier: threading.Barrier) -> None:
    barrier.wait()
    for number in range(count):
        with transaction.atomic():
            audit.record("test.act", number=number)
            if number % 5 == 4:
                transaction.set_rollback(True)
    connection.close()


@pytest.fixture
def _clean_head(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_audit_head SET entries = 0, last_id = 0, digest = ''")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_auditentry")
        cursor.execute("UPDATE kernel_audit_head SET entries = 0, last_id = 0, digest = ''")


@pytest.mark.usefixtures("_clean_head")
def test_writers_at_once_and_rollbacks_keep_one_unbroken_chain() -> None:
    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=write, args=(25, barrier)) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify() == (4 * 20, None)
    last = AuditEntry.objects.latest("id")
    assert audit.head() == (last.pk, bytes(last.digest))


@pytest.mark.usefixtures("_clean_head")
def test_an_emptied_trail_is_noticed() -> None:
    audit.record("test.act")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER forget_audit_head")  # what tests have, cities not
        cursor.execute("TRUNCATE kernel_auditentry")
        cursor.execute("ALTER TABLE kernel_auditentry ENABLE TRIGGER forget_audit_head")
    found = audit.verify()[1]
    assert found is not None
    assert "removed" in found.reason


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_names_the_broken_entry_and_fails() -> None:
    for number in range(3):
        audit.record("test.act", number=number)
    second = AuditEntry.objects.order_by("id")[1]
    assert "3" in told("verify")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_settle IMMEDIATE")  # as after a commit
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_refuse")
        cursor.execute("UPDATE kernel_auditentry SET detail = '{}' WHERE id = %s", [second.pk])
    with pytest.raises(CommandError, match=str(second.pk)) as caught:
        told("verify")
    assert caught.value.returncode == 1


@pytest.mark.django_db
def test_a_trail_written_anew_disagrees_with_what_was_noted_down() -> None:
    audit.record("test.act")
    last, digest = audit.head()
    noted = f"{last}:{digest.hex()}"
    told("verify", "--noted", noted)
    with pytest.raises(CommandError):
        told("verify", "--noted", f"{last}:{'00' * 32}")


@pytest.mark.django_db
def test_an_export_can_be_checked_without_us() -> None:
    for number in range(4):
        audit.record("test.act", number=number, words="崔庙镇")
    before = b""
    for line in told("export").splitlines():
        entry = json.loads(line)
        assert entry["previous"] == before.hex()
        before = hashlib.sha256(before + entry["text"].encode()).digest()
        assert entry["digest"] == before.hex()
    assert AuditEntry.objects.latest("id").action == "kernel.audit_exported"
    assert told("export", "--since", "2100-01-01") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "setting",
    ["timezone TO 'Asia/Tokyo'", "extra_float_digits TO -10", "datestyle TO 'German'", "bytea_output TO escape"],
)
def test_the_digest_does_not_depend_on_the_session(setting: str) -> None:
    audit.record("test.act", number=0.1, big=10**20, nested={"b": 1, "a": [1.50, None]})
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting}")
    assert audit.verify() == (1, None)
