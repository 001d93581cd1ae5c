"""The public page of warnings in force from memory, against a static file of the same server, over real sockets."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command

from lastmile.alerting import published
from lastmile.site import running
from tests.browser.server import free_port
from tools.bench.desk import Desk, everybody
from tools.bench.results import Board

COUNTY = "410182"
READERS, SECONDS, ROUNDS = 16, 3.0, 3  # the best round counts: the least disturbed by what else the machine does
HOST = "127.0.0.1"


def settle() -> None:
    """Three warnings in force for the public page, and the static files gathered."""
    running.prepare()
    call_command("collectstatic", interactive=False, verbosity=0)
    desk = Desk()
    for _one in range(3 - len(published.in_force())):
        desk.issue(desk.approved(1, everybody(COUNTY), channels=["web"]))


def measure(board: Board) -> None:
    with _served() as port:
        file = max(asyncio.run(_rate(port, "/static/css/public.css", "identity")) for _round in range(ROUNDS))
        page = max(asyncio.run(_rate(port, "/w/", "gzip")) for _round in range(ROUNDS))
        whole = max(asyncio.run(_rate(port, "/w/", "identity")) for _round in range(ROUNDS))
        alone = max(asyncio.run(_rate(port, "/healthz", "identity")) for _round in range(1))
    board.add("raw: a static file of the same server, one process", file, "requests/s")
    board.add("raw: a page from Django with one query", alone, "requests/s")
    board.add("public page, zipped", page, "requests/s", ">= 2000")
    board.add("  as a share of the static file", page / file, "×", ">= 0.7")
    board.add("public page, not zipped", whole, "requests/s", ">= 2000")


@contextmanager
def _served() -> Iterator[int]:
    port = free_port()
    environment = {**os.environ, "LASTMILE_DB_POOL": str(running.POOL)}
    server = subprocess.Popen(running.granian(HOST, port, 1), env=environment)
    try:
        for _try in range(200):
            try:
                asyncio.run(_rate(port, "/w/", "gzip", seconds=0.1, readers=1))
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


async def _rate(port: int, path: str, encoding: str, *, seconds: float = SECONDS, readers: int = READERS) -> float:
    """Answers a second to readers who ask again as soon as they have been answered."""
    until = time.perf_counter() + seconds
    wish = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: {encoding}\r\nAccept-Language: zh\r\n\r\n".encode()
    counts = await asyncio.gather(*(_reader(port, wish, until) for _reader_ in range(readers)))
    return sum(counts) / seconds


async def _reader(port: int, wish: bytes, until: float) -> int:
    source, sink = await asyncio.open_connection(HOST, port)
    count = 0
    while time.perf_counter() < until:
        sink.write(wish)
        head = await source.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head  # noqa: S101  (a page that fails is fast)
        size = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        await source.readexactly(int(size))
        count += 1
    sink.close()
    return count
