"""A person who is deleted, from register or by the law's deadline, must not cost a look through millions of rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lastmile.duties.models import Obligation
from lastmile.duties.tests.conftest import VILLAGE, Office
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db

# Every foreign key to a person, with the indexes that find its rows whatever else is in them: the column comes first,
# and the index leaves out nothing but rows without a person.
UNFOUND = """
SELECT c.conrelid::regclass || '.' || a.attname
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'people_person'::regclass AND c.conrelid::regclass::text LIKE 'duties_%'
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indkey[0] = a.attnum
    AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)))
"""


def unfound() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(UNFOUND)
        return sorted(name for (name,) in cursor.fetchall())


def test_every_reference_to_a_person_is_found_by_an_index() -> None:
    assert unfound() == []


@pytest.mark.parametrize(
    ("index", "column"), [("obligation_of_person", "person_id"), ("obligation_of_delegate", "delegated_to_id")]
)
def test_without_its_index_a_reference_is_named(index: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")
    assert unfound() == [f"duties_obligation.{column}"]


def test_deleting_a_person_looks_up_closed_and_open_obligations_by_index(office: Office) -> None:
    person = office.world.residents[0]
    for number in range(3):
        office.task(f"核对{number}", VILLAGE, post=None, person=person.pk)
    Obligation.objects.filter(title="核对0").update(state="done", closed_at=clock.now(), next_at=None)
    with CaptureQueriesContext(connection) as asked:
        person.delete()
    assert not Obligation.objects.filter(title__startswith="核对").exists()
    columns = ('"duties_obligation"."person_id" IN', '"duties_obligation"."delegated_to_id" IN')
    by_person = [one["sql"] for one in asked if any(column in one["sql"] for column in columns)]
    assert all(any(column in sql for sql in by_person) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in by_person:
            cursor.execute("EXPLAIN " + sql)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "obligation_of_" in plan, plan
            assert "Seq Scan" not in plan, plan
