"""Change the field key without stopping: old values keep reading while they are written anew in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lastmile.kernel import ciphers
from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import SealedField

BATCH = 2000


def how_to_rotate(cipher: str = "") -> str:
    """The steps for whoever runs the installation, with a fresh key in them. Changes nothing. Without a cipher it stays
    the one in use."""
    steps = _(
        """1. Append to LASTMILE_FIELD_KEYS (or to the file LASTMILE_FIELD_KEYS_FILE names), keeping what is there:
   ,%(number)d:%(key)s
   If LASTMILE_FIELD_KEYS is not set yet, the key in use is 1:<content of var/secrets/field_key>.
2. Restart web and workers everywhere. From now on new values use key %(number)d; old ones keep reading.
3. Open the page "Keys" as system administrator and start, or run: lastmile keys reencrypt
   (while everything runs; it goes on by itself after a crash)
4. When it is done and `lastmile keys status` shows only %(number)d, drop the older keys and restart. Keep them with
   the backups that were made under them.
To change the index key with it: put what LASTMILE_INDEX_KEY is now into LASTMILE_INDEX_KEY_OLD and a fresh key
(`lastmile keys new`) into LASTMILE_INDEX_KEY before step 2; take LASTMILE_INDEX_KEY_OLD away at step 4. Recovery codes
of log-ins made before hold until then: their owners make new ones."""
    )
    return steps % {"number": keyring().current + 1, "key": ciphers.fresh(cipher or keyring().cipher)}


class Column(NamedTuple):
    """One encrypted column of the database."""

    table: str
    key: str  # its primary key
    name: str
    label: bytes

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


class Index(NamedTuple):
    """A blind index beside a sealed column: computed anew from it. Rows alike in `same` and the index are one."""

    table: str
    key: str
    name: str  # the column of the index
    of: str
    label: bytes
    same: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


Step = Column | Index
_INDEXES: dict[str, Index] = {}


def register(index: Index) -> None:
    """Rooms name their indexes when they start."""
    _INDEXES[str(index)] = index


def indexes() -> list[Index]:
    return list(_INDEXES.values())


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


def waiting(step: Step) -> int:
    """How many values a step has to write: an index does not show under which key it is, so all of them."""
    if isinstance(step, Column):
        return stale(step)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {step.table}")  # noqa: S608  (our own names)
        return int(cursor.fetchone()[0])


def write_anew(step: Step, after: int, batch: int = BATCH) -> tuple[int | None, int]:
    """The next batch behind the key `after`: (its last key or None at the end, how many). In the caller's transaction.
    A value changed meanwhile is left alone: its writer used the current key."""
    rows = _stale_rows(step, after, batch) if isinstance(step, Column) else _all_rows(step, after, batch)
    if not rows:
        return None, 0
    if isinstance(step, Column):
        _write(step, rows)
    else:
        _index_anew(step, rows)
    return rows[-1][0], len(rows)


def reencrypt(step: Step, batch: int = BATCH) -> Iterator[int]:
    """Write a whole step anew, yielding how many after each committed batch."""
    last: int | None = 0
    while last is not None:
        with transaction.atomic():
            last, done = write_anew(step, last, batch)
        if done:
            yield done


def _all_rows(index: Index, after: int, batch: int) -> list[tuple[int, bytes]]:
    sql = f"""SELECT {index.key}, {index.of} FROM {index.table} WHERE {index.key} > %s AND {index.of} IS NOT NULL
              ORDER BY 1 LIMIT %s"""  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [after, batch])
        return [(key, bytes(data)) for key, data in cursor.fetchall()]


def _index_anew(index: Index, rows: list[tuple[int, bytes]]) -> None:
    """Index the values of these rows under the key of now. Of two that were the same all along the later one goes."""
    ring = keyring()
    new = [ring.blind(text) for text in ring.decrypt_many([data for _key, data in rows], index.label)]
    alike = " AND ".join(f"o.{name} = t.{name}" for name in index.same)
    values = "unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS v(key, old, new)"
    sql = f"""DELETE FROM {index.table} o USING {index.table} t, {values}
               WHERE t.{index.key} = v.key AND t.{index.of} = v.old AND {alike}
                 AND o.{index.name} = v.new AND o.{index.key} > t.{index.key};
              UPDATE {index.table} t SET {index.name} = v.new FROM {values}
               WHERE t.{index.key} = v.key AND t.{index.of} = v.old AND t.{index.name} <> v.new"""  # noqa: S608
    columns: list[Any] = [[key for key, _data in rows], [data for _key, data in rows], new]
    with connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement, columns)


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
