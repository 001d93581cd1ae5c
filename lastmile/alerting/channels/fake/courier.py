"""Carry what happens in the phone network to the system: signed reports and replies in batches, taps on links."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.fake import tap
from lastmile.alerting.channels.fake.exchange import Told
from lastmile.alerting.channels.fake.network import GONE, Happening
from lastmile.alerting.channels.fake.script import Gateway
from lastmile.alerting.channels.fake.telephone import entry
from lastmile.kernel import clock

BATCH = 500  # entries of one call
FINGERS = 12  # links opened at the same time
PATHS = {"reports": "sms/reports", "replies": "sms/replies", "calls": "voice/reports"}
TRIES = 12  # of a call, with growing pauses: about five minutes
PAUSE = 0.2  # seconds between calls


class Courier:
    """`web` is the address of the system; links in messages are opened there and nowhere else. `voice` is the secret
    of the telephone calls' reports.
    """

    def __init__(self, web: str, secret: str, gateway: Gateway, voice: str = "") -> None:
        self.web, self.gateway = web.rstrip("/"), gateway
        self.secrets = {"reports": secret, "replies": secret, "calls": voice}
        self.counts: Counter[str] = Counter()
        self._calls: dict[str, list[dict[str, Any]]] = {name: [] for name in PATHS}
        self._taps: asyncio.Queue[Happening] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._replies = 0

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=20), cookie_jar=aiohttp.DummyCookieJar()
        )
        jobs = [*(self._call(name) for name in PATHS), *(self._finger() for _ in range(FINGERS))]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def carry(self, happening: Happening, at: float) -> None:
        """Take one happening along; `at` is its time on the real clock."""
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        if happening.what == "open":
            self._taps.put_nowait(happening)
        elif happening.what == "reply":
            self._replies += 1
            entry = {"key": f"{int(at * 1000)}-{self._replies}", "from": happening.phone, "text": happening.text}
            self._calls["replies"].append({**entry, "at": moment})
        else:
            reason = happening.text if happening.what == "failed" else ""
            entry = {"key": happening.key, "status": happening.what, "reason": reason}
            if reason == GONE:
                entry["class"] = "permanent"
            self._calls["reports"].append({**entry, "at": moment})

    def rang(self, told: Told, at: float) -> None:
        """Take along what happened on a telephone line."""
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        self._calls["calls"].append(entry(told, moment))

    @property
    def waiting(self) -> int:
        return sum(len(entries) for entries in self._calls.values()) + self._taps.qsize()

    async def _call(self, name: str) -> None:
        """Post what has gathered, batch by batch; a call that fails is made again, as a real gateway does."""
        order = random.Random(name)  # noqa: S311  (only mixes up an order)
        while True:
            entries = self._calls[name][:BATCH]
            if entries:
                if self.gateway.shuffle:
                    order.shuffle(entries)
                body = orjson.dumps({"replies" if name == "replies" else "reports": entries})
                for _time in range(self.gateway.repeat):
                    await self._post(name, body)
                del self._calls[name][: len(entries)]
            if len(self._calls[name]) < BATCH:
                await asyncio.sleep(PAUSE)

    async def _post(self, name: str, body: bytes) -> None:
        assert self._session is not None  # noqa: S101  (started before any task)
        for attempt in range(TRIES):
            headers = signing.signed(self.secrets[name], body, now=clock.now().timestamp())
            headers["Content-Type"] = "application/json"
            try:
                async with self._session.post(
                    f"{self.web}/gateway/{PATHS[name]}", data=body, headers=headers
                ) as answer:
                    if answer.status < 300:
                        self.counts[f"{name}_called"] += 1
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            self.counts[f"{name}_failed"] += 1
            await asyncio.sleep(min(PAUSE * 2**attempt, 60))
        self.counts[f"{name}_given_up"] += 1

    async def _finger(self) -> None:
        while True:
            happening = await self._taps.get()
            try:
                await self._tap(happening)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                self.counts["link_failed"] += 1

    async def _tap(self, happening: Happening) -> None:
        """Open the personal link like a browser without JavaScript; tap the answer if the page offers it."""
        address = self.web + urlsplit(happening.link).path
        status, html = await self._patiently("GET", address)
        self.counts["link_opened" if status == 200 else "link_failed"] += 1
        if happening.text == "read" or status != 200:
            return
        found = tap.find(html, happening.text)
        if found is None:
            self.counts["link_without_answer"] += 1
            return
        action = self.web + urlsplit(urljoin(address, found[0])).path
        status, _html = await self._patiently("POST", action, found[1])
        self.counts[f"tapped_{happening.text}" if status < 400 else "tap_failed"] += 1

    async def _patiently(self, method: str, address: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """What came back; someone who is told that many are answering taps again a little later."""
        assert self._session is not None  # noqa: S101  (started before any task)
        for wait in (1, 3, 9, 0):
            async with self._session.request(method, address, data=fields, headers={"Origin": self.web}) as answer:
                status, html = answer.status, await answer.text()
            if status != 503 or not wait:
                break
            self.counts["asked_to_wait"] += 1
            await asyncio.sleep(wait)
        return status, html
