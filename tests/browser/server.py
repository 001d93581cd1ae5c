"""The real ASGI application on granian in this process, on the test database."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

from django.conf import settings
from django.db import connections
from granian.constants import Interfaces
from granian.server.embed import Server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """Serves until `stop`. Connections are closed after each request: no pool outlives the test database."""

    def __init__(self) -> None:
        from lastmile.alerting import published
        from lastmile.site import asgi
        from lastmile.site.kept import Kept

        asgi.django = Kept(asgi.gate, published.epoch)  # holds no pages of another test's city
        connections.settings["default"]["CONN_MAX_AGE"] = 0
        self._hosts, settings.ALLOWED_HOSTS = settings.ALLOWED_HOSTS, ["*"]
        self._factor, settings.SECOND_FACTOR = settings.SECOND_FACTOR, "offered"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._server = Server(
            asgi.application, port=self.port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False
        )
        self._thread = threading.Thread(target=self._serve, name="live server", daemon=True)
        self._thread.start()
        self._wait()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())

    def _wait(self) -> None:
        for _try in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the live server did not start")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(timeout=10)
        settings.ALLOWED_HOSTS, settings.SECOND_FACTOR = self._hosts, self._factor
