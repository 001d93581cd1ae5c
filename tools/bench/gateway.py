"""`python -m tools.bench.gateway PORT SECONDS`: an SMS gateway that takes every batch and answers after SECONDS.

It reads what it is sent and names each message in its answer; it has no phones behind it, so that it costs little.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import orjson
from aiohttp import web
from django.conf import settings

BODY = 20_000_000  # bytes


@contextlib.contextmanager
def gateway(seconds: float = 0.0) -> Iterator[str]:
    """The address of one in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tools.bench.gateway", str(port), str(seconds)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR)
    try:
        for _turn in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/batch"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def dead() -> Iterator[str]:
    """The address of one that refuses every connection: bound, so that nobody else gets its port."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{own.getsockname()[1]}/batch"


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """The address of one that takes connections and never says a word."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen(512)
        yield f"http://127.0.0.1:{own.getsockname()[1]}/batch"


def main(port: int, seconds: float) -> None:
    async def take(request: web.Request) -> web.Response:
        messages = orjson.loads(await request.read())["messages"]
        await asyncio.sleep(seconds)
        results = [{"key": message["key"], "status": "accepted"} for message in messages]
        return web.Response(body=orjson.dumps({"results": results}), content_type="application/json")

    app = web.Application(client_max_size=BODY)
    app.add_routes([web.post("/batch", take)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, shutdown_timeout=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
