"""Change the field key without stopping: old values keep reading while they are written anew in batches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import SealedField

BATCH = 2000


def how_to_rotate() -> str:
    """The steps for whoever runs the installation, with a fresh key in them. Changes nothing."""
    steps = _(
        """1. Append to LASTMILE_FIELD_KEYS (or to the file LASTMILE_FIELD_KEYS_FILE names), keeping what is there:
   ,%(number)d:%(key)s
   If LASTMILE_FIELD_KEYS is not set yet, the key in use is 1:<content of var/secrets/field_key>.
2. Restart web and workers everywhere. From now on new values use key %(number)d; old ones keep reading.
3. Run: lastmile keys reencrypt   (while everything runs; it may be stopped and started again)
4. When `lastmile keys status` shows only %(number)d, drop the older keys and restart. Keep them with the backups
   that were made under them.
LASTMILE_INDEX_KEY stays what it is: changing it would lose every look-up by phone number."""
    )
    return steps % {"number": keyring().current + 1, "key": secrets.token_hex(32)}


class Column(NamedTuple):
    """One encrypted column of the database."""

    table: str
    key: str  # its primary key
    name: str
    label: bytes

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def columns() -> list[Column]:
    """Every SealedField of every model."""
    return [
        Column(model._meta.db_table, model._meta.pk.column, field.column, field.label.encode())
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField) and model._meta.managed
    ]


def stale(column: Column) -> int:
    """Values not yet under the current key."""
    sql = f"SELECT count(*) FROM {column.table} WHERE get_byte({column.name}, 0) <> %s"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [keyring().current])
        return int(cursor.fetchone()[0])


def by_number(column: Column) -> dict[int, int]:
    """How many values lie under which key number."""
    sql = f"SELECT get_byte({column.name}, 0), count(*) FROM {column.table} WHERE {column.name} IS NOT NULL GROUP BY 1"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def reencrypt(column: Column, batch: int = BATCH) -> Iterator[int]:
    """Write stale values anew, yielding how many after each committed batch. Stopped anywhere, it goes on by itself:
    the key number is in the value. A value changed meanwhile is left alone (its writer used the current key)."""
    last = 0
    while True:
        with transaction.atomic():
            rows = _stale_rows(column, last, batch)
            if not rows:
                return
            last = rows[-1][0]
            _write(column, rows)
        yield len(rows)


def _stale_rows(column: Column, after: int, batch: int) -> list[tuple[int, bytes]]:
    sql = f"""SELECT {column.key}, {column.name} FROM {column.table}
              WHERE {column.key} > %s AND get_byte({column.name}, 0) <> %s ORDER BY 1 LIMIT %s"""  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [after, keyring().current, batch])
        return [(key, bytes(data)) for key, data in cursor.fetchall()]


def _write(column: Column, rows: list[tuple[int, bytes]]) -> None:
    ring = keyring()
    new = [ring.encrypt(ring.decrypt(data, column.label), column.label) for _key, data in rows]
    sql = f"""UPDATE {column.table} t SET {column.name} = v.new
              FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS v(key, old, new)
              WHERE t.{column.key} = v.key AND t.{column.name} = v.old"""  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        # another key is not another fact: append-only tables take it. The lock holds other writers for one batch.
        guarded = _has_guards(column)
        if guarded:
            cursor.execute(f"ALTER TABLE {column.table} DISABLE TRIGGER USER")
        cursor.execute(sql, [[key for key, _data in rows], [data for _key, data in rows], new])
        if guarded:
            cursor.execute(f"ALTER TABLE {column.table} ENABLE TRIGGER USER")


def _has_guards(column: Column) -> bool:
    """Whether a trigger may refuse the change: one before it, or for each row. Others only take note."""
    sql = "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & 3 > 0)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [column.table])
        return bool(cursor.fetchone()[0])


def sample(column: Column) -> None:
    """Decrypt the newest value of a column. Raises ValueError when the keys at hand do not fit the data."""
    sql = f"SELECT {column.name} FROM {column.table} WHERE {column.name} IS NOT NULL ORDER BY {column.key} DESC LIMIT 1"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    if row is not None:
        keyring().decrypt(bytes(row[0]), column.label)
