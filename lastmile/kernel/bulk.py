"""Write many rows of a model with a few statements: COPY instead of INSERT, one UPDATE instead of a CASE of thousands.

Measured on 15,000 people with contacts: bulk_create and bulk_update took 15 s, this takes 2 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, connections, models

from lastmile.kernel import walls

WRITTEN = "rows are written, none are read, and PostgreSQL copies nothing into a table behind a policy"


def number(objects: Sequence[models.Model]) -> None:
    """Give new objects of one model their keys, from the table's own sequence, before they are written."""
    bare = [one for one in objects if one.pk is None]
    if not bare:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)::regclass) FROM generate_series(1, %s)",
            [bare[0]._meta.db_table, bare[0]._meta.pk.column, len(bare)],
        )
        for one, (key,) in zip(bare, cursor.fetchall(), strict=True):
            one.pk = key


@walls.opened(WRITTEN)
def insert(objects: Sequence[models.Model], *, skip_known: bool = False) -> None:
    """Append new objects of one model. `skip_known` leaves out what a unique constraint has already."""
    if not objects:
        return
    number(objects)
    table = objects[0]._meta.db_table
    names = [field.attname for field in objects[0]._meta.local_concrete_fields]
    with connection.cursor() as cursor:
        if not skip_known:
            _copy(cursor, table, names, objects)
            return
        _scratch(cursor, table, names, objects)
        cursor.execute(f"INSERT INTO {table} ({_listed(names)}) TABLE scratch ON CONFLICT DO NOTHING")


@walls.opened(WRITTEN)
def copy(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows given as plain values of the named columns; the table numbers them.

    A hundred thousand objects cost more to make than to write: 5 s against 1 s.
    """
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({_listed(names)}) FROM STDIN") as out,
    ):
        for row in rows:
            out.write_row(row)


@walls.opened(WRITTEN)
def update(objects: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write the named fields (attnames, as `place_id`) of known objects of one model."""
    if not objects:
        return
    meta, wanted = objects[0]._meta, list(names)
    assigned = ", ".join(f'"{name}" = scratch."{name}"' for name in wanted)
    key = meta.pk.attname
    with connection.cursor() as cursor:
        _scratch(cursor, meta.db_table, [key, *wanted], objects)
        cursor.execute(f'UPDATE {meta.db_table} t SET {assigned} FROM scratch WHERE t."{key}" = scratch."{key}"')  # noqa: S608  (a model's own names)


def _scratch(cursor: Any, table: str, names: Sequence[str], objects: Sequence[models.Model]) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.scratch")
    cursor.execute(f"CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT {_listed(names)} FROM {table} LIMIT 0")  # noqa: S608  (a model's own names)
    _copy(cursor, "scratch", names, objects)
    cursor.execute("ANALYZE scratch")


def _copy(cursor: Any, table: str, names: Sequence[str], objects: Sequence[models.Model]) -> None:
    fields = {field.attname: field for field in objects[0]._meta.local_concrete_fields}
    getters = [(name, fields[name].get_db_prep_save) for name in names]
    database = connections[connection.alias]  # `connection` itself looks it up at each use
    with cursor.copy(f"COPY {table} ({_listed(names)}) FROM STDIN") as out:
        for one in objects:
            out.write_row([prepared(getattr(one, name), database) for name, prepared in getters])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
