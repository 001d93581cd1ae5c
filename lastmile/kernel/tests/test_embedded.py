"""The embedded PostgreSQL starts, stays, stops, and does each twice without harm."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from lastmile.kernel import embedded


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As deep as a socket's path can't be, in a folder the server's own user may enter."""
    base = tmp_path_factory.mktemp("embedded")
    for folder in (base, *base.parents[:2]):
        folder.chmod(0o755)
    deep = base / ("d" * 60) / ("e" * 40)
    deep.mkdir(parents=True)
    return deep / "pg"


def answers(data: Path) -> bool:
    with psycopg.connect(host=str(embedded.socket_dir(data)), user=embedded.USER, dbname=embedded.DATABASE) as link:
        row = link.execute(
            "SELECT current_setting('work_mem'), datcollate FROM pg_database WHERE datname = current_database()"
        )
        return row.fetchone() == ("8MB", "C.UTF-8")


def test_it_starts_once_stays_and_stops(data: Path) -> None:
    assert embedded.running(data) is None
    assert embedded.stop(data) is False
    small = {"shared_buffers": "16MB", "work_mem": "8MB", "fsync": "off"}
    try:
        embedded.ensure(data, **small)
        first = embedded.running(data)
        assert first is not None
        embedded.ensure(data, **small)
        assert embedded.running(data) == first
        assert answers(data)
    finally:
        assert embedded.stop(data) is True
    assert embedded.running(data) is None
    assert embedded.stop(data) is False


def test_a_long_path_gets_a_short_socket_folder(data: Path) -> None:
    assert embedded.socket_dir(data) != data
    assert len(str(embedded.socket_dir(data) / ".s.PGSQL.5432")) < embedded.SOCKET_PATH_LIMIT
    assert embedded.socket_dir(data) == embedded.socket_dir(data)
