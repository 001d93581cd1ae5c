from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from lastmile.kernel import locks

TAKE = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


@pytest.fixture
def other(transactional_db: None) -> Iterator[psycopg.Connection[tuple[bool]]]:
    """Another worker's connection."""
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as opened:
        yield opened


def free(other: psycopg.Connection[tuple[bool]], name: str) -> bool:
    row = other.execute(TAKE, [name]).fetchone()
    other.rollback()
    return bool(row and row[0])


def test_a_lock_is_held_until_the_transaction_ends(other: psycopg.Connection[tuple[bool]]) -> None:
    with transaction.atomic():
        locks.wait("tests.a")
        assert not free(other, "tests.a")
        assert free(other, "tests.b")
    assert free(other, "tests.a")


def test_who_comes_second_turns_back(other: psycopg.Connection[tuple[bool]]) -> None:
    other.execute(TAKE, ["tests.a"])
    with transaction.atomic():
        assert not locks.alone("tests.a")
        assert locks.alone("tests.b")


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_would_be_no_lock() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        locks.wait("tests.a")
