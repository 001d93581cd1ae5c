"""The voice gateway in front of the invented phones: the protocol of the channel voice (docs/channels/voice.md).

POST /calls          {"calls": [{"key", "to", "text" or "audio", "repeats", "keys"} …], "lines": 60}
POST /calls/status   {"keys": […]} → {"results": [{"key", "status", "heard", "digit"} …]}
"""

from __future__ import annotations

import io
import wave
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from lastmile.alerting.channels.fake.exchange import Exchange, Told, Wanted
from lastmile.alerting.channels.fake.gateway import BadBatch, Item, PhoneGateway
from lastmile.alerting.channels.fake.network import Taken

KEPT = 50  # recordings in memory
NO_AUDIO = Taken("retry", "the audio can't be fetched")


class VoiceGateway(PhoneGateway):
    """`house` is the address of the system: audio is fetched from there and nowhere else."""

    items = "calls"
    needs = ("key", "to")

    def __init__(self, exchange: Exchange, secret: str, now: Any, house: str) -> None:
        super().__init__(exchange.network, secret, now)
        self.exchange, self.house = exchange, house.rstrip("/")
        self.audio: dict[str, bytes] = {}

    async def take(self, items: list[Item]) -> list[dict[str, str]]:
        results = []
        for item in items:
            taken = await self._ring(item)
            reason = {"reason": taken.reason} if taken.reason else {}
            results.append({"key": item["key"], "status": taken.status, **reason})
        return results

    async def _ring(self, item: Item) -> Taken:
        address = str(item.get("audio") or "")
        sound = await self.fetched(address) if address else b""
        if address and not sound:
            return NO_AUDIO
        repeats = item.get("repeats")
        wanted = Wanted(
            item["key"],
            item["to"],
            str(item.get("text") or ""),
            seconds(sound) if sound else 0.0,
            repeats if isinstance(repeats, int) and 0 < repeats < 10 else 1,
            address,
        )
        return self.exchange.ring(wanted, self.now())

    async def fetched(self, address: str) -> bytes:
        """The recording at an address of the house, kept for the next calls; b"" where there is none."""
        path = urlsplit(address).path
        if path not in self.audio:
            self.audio[path] = await self._fetch(self.house + path)
            while len(self.audio) > KEPT:
                del self.audio[next(iter(self.audio))]
        return self.audio.get(path, b"")

    async def _fetch(self, url: str) -> bytes:
        try:
            limit = aiohttp.ClientTimeout(total=20)
            async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
                return await answer.read() if answer.status == 200 else b""
        except (aiohttp.ClientError, TimeoutError, OSError):
            return b""

    async def status(self, request: web.Request) -> web.Response:
        """What has become of calls, for whoever missed the reports."""
        body = await request.read()
        try:
            self.believe(body, request)
            keys = orjson.loads(body)["keys"]
            if not isinstance(keys, list):
                raise BadBatch('send {"keys": […]}')
        except BadBatch as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return web.json_response({"error": 'send {"keys": […]}'}, status=400)
        self.counts["asked"] += 1
        return web.json_response({"results": [self._state(str(key)) for key in keys]})

    def _state(self, key: str) -> dict[str, Any]:
        line = self.exchange.calls.get(key)
        if line is None:
            return {"key": key, "status": "unknown"}
        reason = line.told[-1].reason if line.told else ""
        return {"key": key, "status": line.state, "heard": line.heard, "digit": line.digits, "reason": reason}


def entry(told: Told, moment: str) -> dict[str, Any]:
    """One report as the gateway calls it back."""
    found: dict[str, Any] = {"key": told.key, "status": told.what, "at": moment}
    return found | ({"digit": told.digit} if told.digit else {}) | ({"reason": told.reason} if told.reason else {})


def seconds(sound: bytes) -> float:
    """The length of a WAV file; 0 for anything else."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError):
        return 0.0
