"""The second wall: while a request is served, the database itself hides rows outside the person's places (ADR 32).

    walls.cover("people_household", walls.by_place("place_id"))   # in a room's walls.py
    walls.enter(("410182",), person); …; walls.leave()            # the middleware, for every request
    with walls.opened("why"): …                                   # machinery that must see everybody

A request's connection acts as the role `lastmile_web`, which the policies bind, with the scope in settings of the
session that no query of this role changes. The owner of the tables (workers, commands, migrations, log-in, the receipt
door) is not bound. The state is kept on Django's connection object, so that a connection that is opened again in the
middle of a request, or taken from a pool, is walled before its first query; where no query comes, none is opened.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.signals import connection_created
from psycopg import sql

ROLE = "lastmile_web"
LAST = "~"  # behind every code of a place
_covered: dict[str, str] = {}
_ready: bool | None = None
log = logging.getLogger(__name__)

# One round trip; the role may not call set_config, so it is left first and taken last.
_ENTER = """SET ROLE NONE; SELECT set_config('lastmile.low', {low}, false), set_config('lastmile.high', {high}, false),
    set_config('lastmile.scopes', {many}, false), set_config('lastmile.person', {person}, false),
    set_config('role', {role}, false)"""
_LEAVE = "SET ROLE NONE"


class Standing(NamedTuple):
    """What a connection sees: places under these prefixes, and the posts beside those of one person of the staff."""

    scopes: tuple[str, ...]
    person: int = 0


def cover(table: str, see: str) -> None:
    """Rows of `table` are there for a request only where the SQL condition `see` holds."""
    _covered[table] = see


def function(statement: str) -> None:
    """A function that conditions call, as CREATE OR REPLACE; {schema} is where the tables are."""
    _functions.append(statement)


def covered() -> dict[str, str]:
    return dict(_covered)


def by_place(column: str) -> str:
    """The place lies in the scope. A range, so that an index serves it; the list decides where there are several."""
    return _BY_PLACE.replace("COLUMN", column)


def above(column: str) -> str:
    """The place is one of the scope, or leads to it from above."""
    return _ABOVE.replace("COLUMN", column)


_BY_PLACE = """COLUMN >= (SELECT current_setting('lastmile.low', true))
    AND COLUMN < (SELECT current_setting('lastmile.high', true))
    AND ((SELECT current_setting('lastmile.scopes', true) = '') OR lastmile_listed(COLUMN))"""
_ABOVE = """(starts_with((SELECT current_setting('lastmile.low', true)), COLUMN) OR EXISTS (
    SELECT FROM unnest(string_to_array(current_setting('lastmile.scopes', true), ',')) s
    WHERE starts_with(s, COLUMN)))"""
# A function is planned once a session, a question inside a policy with every query that meets it.
_LISTED = """CREATE OR REPLACE FUNCTION lastmile_listed(place text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN
        RETURN EXISTS (SELECT FROM unnest(string_to_array(current_setting('lastmile.scopes', true), ',')) s
                       WHERE starts_with(place, s));
    END $$"""
_functions: list[str] = [_LISTED]


def enter(scopes: Sequence[str], person: int | None = None) -> None:
    """From now on this connection sees only places under these prefixes: none for (), all for ("",)."""
    _stand(Standing(tuple(scopes), person or 0))


def leave() -> None:
    """The connection is its owner's again. Where that can't be said to the server, the connection is thrown away."""
    _stand(None)


@contextmanager
def opened(reason: str) -> Iterator[None]:
    """See everything for a moment. `reason` is for the reader and for the list that a test makes of them."""
    with _held(None):
        yield


@contextmanager
def within(scopes: Sequence[str], person: int | None = None) -> Iterator[None]:
    with _held(Standing(tuple(scopes), person or 0)):
        yield


@contextmanager
def _held(standing: Standing | None) -> Iterator[None]:
    before = _standing(connection)
    _stand(standing)
    try:
        yield
    finally:
        _stand(before)


def _standing(which: Any) -> Standing | None:
    found: Standing | None = getattr(which, "wall", None)
    return found


def _stand(standing: Standing | None) -> None:
    if not settings.ROW_SECURITY or (standing is None and _standing(connection) is None):
        return
    which: Any = connection
    which.wall = standing
    if connection.connection is not None and _there():
        _say(connection, standing)


def _there() -> bool:
    try:
        return ready()
    except DatabaseError:  # away at this moment: the connection that is opened next is walled
        log.warning("the database can't be asked for its row-level security")
        return True


def _say(which: Any, standing: Standing | None) -> None:
    try:
        which.connection.execute(_sentence(standing))
    except psycopg.Error as error:
        # a failed block: what was set before it is back when it is rolled back, and nothing is read until then
        if not (which.in_atomic_block and isinstance(error, psycopg.errors.InFailedSqlTransaction)):
            which.connection.close()  # the next query opens another


@lru_cache(maxsize=1_000)
def _sentence(standing: Standing | None) -> bytes:
    if standing is None:
        return _LEAVE.encode()
    scopes = standing.scopes
    many = ",".join(scopes) if len(scopes) > 1 else ""
    ends = (min(scopes), max(one + LAST for one in scopes)) if scopes else ("", "")
    said = {"low": ends[0], "high": ends[1], "many": many, "person": str(standing.person or ""), "role": ROLE}
    return sql.SQL(_ENTER).format(**{name: sql.Literal(value) for name, value in said.items()}).as_bytes(None)


def _connected(connection: Any, **_kwargs: Any) -> None:
    standing = _standing(connection)
    if standing is None or not settings.ROW_SECURITY:
        return
    try:
        if ready():
            connection.connection.execute(_sentence(standing))
    except BaseException:
        connection.close()  # never one that is not walled
        raise


connection_created.connect(_connected, dispatch_uid="walls")


def ready() -> bool:
    """Whether the database has the role, may take it, and every covered table its policy. Asked once a process."""
    global _ready
    if _ready is None:
        _ready = not missing()
        if not _ready:
            log.error("row-level security is off: %s", "; ".join(missing()))
    return _ready


def missing() -> list[str]:
    """What the database lacks of the wall, in words for the operator."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(session_user, oid, CASE WHEN current_setting('server_version_num')::int >= 160000 "
            "THEN 'SET' ELSE 'MEMBER' END) FROM pg_roles WHERE rolname = %s",
            [ROLE],
        )
        role = cursor.fetchone()
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE p.polname = 'wall' AND c.relrowsecurity AND c.relnamespace = current_schema()::regnamespace"
        )
        there = {name for (name,) in cursor.fetchall()}
    if role is None:
        return [f"there is no role {ROLE}"]
    return [f"the log-in may not act as {ROLE}"] * (not role[0]) + [
        f"{table} has no policy" for table in sorted(_covered.keys() - there)
    ]


def weak() -> bool:
    """Whether the role could set its scope itself, by a function called from SQL smuggled into a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege(%s, 'set_config(text, text, boolean)', 'EXECUTE')", [ROLE])
        return bool(cursor.fetchone()[0])


def build() -> list[str]:
    """Make the role, its rights and the policies, as far as the database lets us; what is missing then, in words."""
    global _ready
    _ready = None
    made_of = (_ROLE, _RIGHTS, _SUPERUSER, _POLICY, _functions, sorted(_covered.items()), _tables())
    mark = hashlib.sha256(repr(made_of).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('django_migrations'::regclass)")
        made = cursor.fetchone()[0] == f"walls {mark}"
    if made and not missing():
        return []
    try:
        with transaction.atomic():
            _write(mark)
    except DatabaseError as error:  # a log-in that may not make roles: `missing` says what the DBA has to do
        log.warning("row-level security could not be set up: %s", error)
    return missing()


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def _write(mark: str) -> None:
    role, tables = sql.Identifier(ROLE), set(_tables())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), rolsuper FROM pg_roles WHERE rolname = current_user")
        name, superuser = cursor.fetchone()
        schema = sql.Identifier(name)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('walls'))")
        for statement in (*_ROLE, *_RIGHTS, *_functions):
            cursor.execute(sql.SQL(statement).format(role=role, schema=schema))
        for table, see in _covered.items():
            if table in tables:
                for statement in _POLICY:
                    done = sql.SQL(statement).format(table=sql.Identifier(table), role=role, see=sql.SQL(see))
                    cursor.execute(done)
        for statement in _SUPERUSER if superuser else ():
            cursor.execute(statement)
        cursor.execute(sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(sql.Literal(f"walls {mark}")))


_ROLE = (
    """DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lastmile_web') THEN
            CREATE ROLE lastmile_web NOLOGIN;
        END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$""",
    """DO $$ BEGIN
        GRANT lastmile_web TO CURRENT_USER;
        EXCEPTION WHEN insufficient_privilege THEN NULL;  -- the DBA has granted it, or `missing` says so
    END $$""",
)
_RIGHTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
)
# What a DBA does once where our log-in may not: without the first a condition LIKE '4101%' may be tried only after the
# policy, and uses no index; without the others SQL smuggled into a query could widen its own scope.
_SUPERUSER = (
    "ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF",
    """DO $$ DECLARE login name; BEGIN
        FOR login IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION pg_catalog.set_config TO %I', login);
        END LOOP;
    END $$""",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config FROM PUBLIC",
)
_POLICY = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "DROP POLICY IF EXISTS wall ON {table}",
    "CREATE POLICY wall ON {table} TO {role} USING ({see}) WITH CHECK (true)",
)
