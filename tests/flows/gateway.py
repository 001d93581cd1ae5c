"""An SMS gateway over real HTTP, in a thread of the test: it takes batches, remembers keys, and fails as it is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

SECRET = "shared with the gateway"


class Gateway:
    """`taken` counts how often the message of a key went out to a phone; a gateway that honours keys sends it once."""

    def __init__(self, *, honours_keys: bool = True, latency: float = 0.05) -> None:
        self.honours_keys, self.latency = honours_keys, latency
        self.faults: deque[str] = deque()
        self.taken: Counter[str] = Counter()
        self.posts = 0
        self.port = 0
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Gateway:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def doubles(self) -> int:
        return sum(count - 1 for count in self.taken.values())

    @property
    def people(self) -> set[int]:
        return {int(key.split("-")[1]) for key in self.taken}

    def fail(self, faults: Iterable[str]) -> None:
        self.faults.extend(faults)

    def environment(self, folder: Path, *, batch: int = 10, in_flight: int = 4, timeout: float = 1.0) -> dict[str, str]:
        """What a worker needs to know to use this gateway."""
        vendor = {"batch": batch, "in_flight": in_flight, "timeout": timeout, "honours_keys": self.honours_keys}
        file = folder / "vendor.json"
        file.write_text(json.dumps(vendor))
        return {
            "LASTMILE_CHANNELS": "sms",
            "LASTMILE_SMS_URL": f"http://127.0.0.1:{self.port}/batch",
            "LASTMILE_SMS_SECRET": SECRET,
            "LASTMILE_SMS_VENDOR": str(file),
        }

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/batch", self._post)
        runner = web.AppRunner(app, access_log=None)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _post(self, request: web.Request) -> web.StreamResponse:
        messages: list[dict[str, Any]] = (await request.json())["messages"]
        self.posts += 1
        fault = self.faults.popleft() if self.faults else ""
        if fault == "error before":
            return web.Response(status=500)
        for message in messages[: len(messages) // 2] if fault == "half" else messages:
            if not (self.honours_keys and message["key"] in self.taken):
                self.taken[message["key"]] += 1
        await asyncio.sleep(30 if fault == "timeout" else self.latency)
        if fault == "error after":
            return web.Response(status=502)
        known = [message for message in messages if message["key"] in self.taken]
        return web.json_response({"results": [{"key": message["key"], "status": "accepted"} for message in known]})
