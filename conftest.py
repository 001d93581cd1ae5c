"""Every test runs on the real PostgreSQL: the one of DATABASE_URL, or the embedded one."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test.signals import language_changed
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from lastmile.kernel import clock, embedded
from tools import compile_messages


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server once, before the workers of xdist ask for it. Tests may lose power, not data."""
    # the same algorithm with the smallest cost: a small city hashes ten passwords
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
    if settings.EMBEDDED_DATABASE and not hasattr(config, "workerinput"):
        compile_messages.main()
        vars(gettext)["_translations"].clear()  # Django has read the texts of an older checkout, or found none
        language_changed(setting="LOCALE_PATHS")
        embedded.ensure(Path(str(settings.VAR)) / "pg", fsync="off", max_connections="200")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under `--dist loadscope` the slow modules go first."""
    from tests.scheduling import SlowFirst

    return SlowFirst(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that commit end with a flush, which empties the audit trail but not the end it should have. Both must go
    in one moment: a server of the last test may still write an entry. At the end nobody keeps the database from being
    dropped: a thread of the last test may still hold a connection."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            """CREATE OR REPLACE FUNCTION forget_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN
                   UPDATE kernel_audit_head SET entries = 0, last_id = 0, digest = '';
                   UPDATE kernel_audit_tail SET entries = 0, last_id = 0, digest = '';
                   RETURN NULL;
               END $$;
               CREATE OR REPLACE TRIGGER forget_audit_head AFTER TRUNCATE ON kernel_auditentry
               FOR EACH STATEMENT EXECUTE FUNCTION forget_audit_head()"""
        )
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
        )


@pytest.fixture(autouse=True)
def _clock_restored() -> Iterator[None]:
    """A test may forward the clock; the next one starts at the present again."""
    offset = clock._offset
    yield
    clock._offset = offset


@pytest.fixture(autouse=True)
def _language_restored() -> Iterator[None]:
    """A page in English leaves its thread in English; the next test starts in the language of the house."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the repository, never committed; a test that needs it says so when it is absent."""
    path = Path(os.environ.get("LASTMILE_SHARED", Path(__file__).resolve().parent.parent / "shared"))
    if not path.exists():
        pytest.skip("SKIPPED LOUDLY: the shared data folder is not beside the repository")
    return path
