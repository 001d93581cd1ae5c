"""The demo's stage: a database of its own, a clock that stands at 20 July 2021, and processes that speak to each other.

The first run sets the city up and keeps it as a template database; every later run starts from a fresh copy of it.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from lastmile.kernel import clock, embedded
from lastmile.site.children import Child, lastmile
from lastmile.site.demo.facts import COUNTY, SENT
from lastmile.site.running import house

DATABASE = "lastmile_demo"
BEFORE = 20.0  # seconds between the curtain and the warning, for setting up and log-ins


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nothing listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError(f"no free port between {wanted} and {wanted + 50}")


def environment(port: int) -> dict[str, str]:
    """What every process of the demo is started with."""
    phones = free_port(8025)
    offset = SENT.timestamp() - clock.now().timestamp() - BEFORE
    return {
        **os.environ,
        "LASTMILE_DATABASE": DATABASE,
        "LASTMILE_CLOCK_OFFSET": f"{offset:.3f}",
        "LASTMILE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LASTMILE_CHANNELS": "sms,voice,web",
        "LASTMILE_SMS_URL": f"http://127.0.0.1:{phones}/batch",
        "LASTMILE_SMS_SECRET": secrets.token_hex(16),
        "LASTMILE_VOICE_URL": f"http://127.0.0.1:{phones}/calls",
        "LASTMILE_VOICE_SECRET": secrets.token_hex(16),
    }


def enter(arguments: list[str], port: int) -> None:
    """Become the demo proper: the same program with the stage's environment."""
    os.execve(sys.executable, lastmile("demo", "--inside", *arguments), environment(port))  # noqa: S606  (ourselves)


def children(speed: float) -> list[Child]:
    port, phones = (urlsplit(address).port or 0 for address in (settings.PUBLIC_URL, settings.SMS_GATEWAY_URL))
    people = ["--port", str(phones), "--speed", str(speed), "--places", COUNTY]
    return [
        Child("phones", lastmile("phones", *people)),
        *house(host="127.0.0.1", port=port, workers=1, with_worker=True),
    ]


def template(residents: int) -> str:
    return f"{DATABASE}_{residents}"


def copy_template(data: Path, residents: int) -> bool:
    """Start from a fresh copy of the city that an earlier run kept. False when there is none yet."""
    return _replace(data, DATABASE, template(residents))


def keep_template(data: Path, residents: int) -> None:
    _replace(data, template(residents), DATABASE)


def _replace(data: Path, database: str, source: str) -> bool:
    host = str(embedded.socket_dir(data))
    with psycopg.connect(host=host, user=embedded.USER, dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [source]).fetchone() is None:
            return False
        names = (sql.Identifier(database), sql.Identifier(source))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    return True
