"""Every test runs on the real PostgreSQL: the one of DATABASE_URL, or the embedded one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.db.models.signals import post_migrate
from django.test.signals import language_changed

from lastmile.kernel import clock, embedded
from tools import compile_messages


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server once, before the workers of xdist ask for it. Tests may lose power, not data."""
    # the same algorithm with the smallest cost: a small city hashes ten passwords
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
    post_migrate.connect(_forget_audit_head, dispatch_uid="audit head")
    if settings.EMBEDDED_DATABASE and not hasattr(config, "workerinput"):
        compile_messages.main()
        language_changed(setting="LOCALE_PATHS")  # in a fresh checkout Django has already found no Chinese texts
        embedded.ensure(Path(str(settings.VAR)) / "pg", fsync="off", max_connections="200")


def _forget_audit_head(sender: AppConfig, **_signal: object) -> None:
    """Tests that commit end with a flush, which empties the trail but not the end it should have."""
    if sender.label == "kernel":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE kernel_audit_head SET entries = 0, last_id = 0, digest = '' "
                "WHERE NOT EXISTS (SELECT FROM kernel_auditentry)"
            )


@pytest.fixture(autouse=True)
def _clock_restored() -> Iterator[None]:
    """A test may forward the clock; the next one starts at the present again."""
    offset = clock._offset
    yield
    clock._offset = offset


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the repository, never committed; a test that needs it says so when it is absent."""
    path = Path(os.environ.get("LASTMILE_SHARED", Path(__file__).resolve().parent.parent / "shared"))
    if not path.exists():
        pytest.skip("SKIPPED LOUDLY: the shared data folder is not beside the repository")
    return path
