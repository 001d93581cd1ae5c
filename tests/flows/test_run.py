"""`lastmile run` starts an empty system, says how to set it up, serves it, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings

from tests.browser.server import free_port

NAME = f"lastmile_run_{os.getpid()}"
PATIENCE = 90.0  # seconds; the machine may be busy


@pytest.fixture
def empty_database(django_db_setup: None) -> Iterator[str]:
    """The address of a fresh database on the server of the tests."""
    own: dict[str, Any] = settings.DATABASES["default"]
    where = {"host": own["HOST"], "user": own["USER"], "port": own["PORT"] or None, "password": own.get("PASSWORD")}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as connection:
        connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0 LOCALE 'C.UTF-8'")
        yield f"postgresql://{quote(own['USER'])}@/{NAME}?host={quote(own['HOST'], safe='')}"
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def fetch(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  (our own server)
        return answer.status, answer.read().decode()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not settings.EMBEDDED_DATABASE, reason="makes a database on the embedded server")
def test_an_empty_system_starts_is_set_up_by_its_link_and_stops(empty_database: str) -> None:
    port = free_port()
    command = [sys.executable, "-m", "lastmile", "run", "--port", str(port), "--no-worker"]
    environment = {**os.environ, "DATABASE_URL": empty_database, "LASTMILE_DEBUG": "1", "PYTHONUNBUFFERED": "1"}
    house = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert house.stdout is not None
        link = next(found for line in house.stdout if (found := re.search(r"http://\S+/setup/\?token=\w+", line)))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                health = fetch(f"http://127.0.0.1:{port}/healthz")
                break
            except OSError:
                time.sleep(0.2)
        assert health[0] == 200
        assert "完成设置" in fetch(link.group())[1]
        children = subprocess.run(["pgrep", "-P", str(house.pid)], capture_output=True, text=True, check=True)
        house.send_signal(signal.SIGTERM)
        assert house.wait(timeout=30) == 0
        assert not [pid for pid in children.stdout.split() if alive(int(pid))]
    finally:
        house.kill()
        house.wait()
