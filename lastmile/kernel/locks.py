"""Work that one transaction at a time may do: locks of the database with a name, held until the transaction ends."""

from __future__ import annotations

from django.db import connection


def wait(name: str) -> None:
    """Hold the lock; while another transaction has it, wait for that one to end."""
    _one("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", name)


def alone(name: str) -> bool:
    """Hold the lock if it is free; False, at once, when another transaction has it."""
    return bool(_one("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name))


def _one(query: str, name: str) -> object:
    if not connection.in_atomic_block:
        raise RuntimeError(f"the lock {name!r} would be given back at once: take it inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(query, [name])
        return cursor.fetchone()[0]
