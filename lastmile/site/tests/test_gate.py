"""More requests than the server can answer at once: they wait their turn, or are told so; none becomes a 500."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from lastmile.site.gate import Gate
from lastmile.site.tests.test_serving import Wire


class Inside:
    """An application that counts who is in it at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.open = asyncio.Event()

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.open.wait()
        self.now -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


async def ask(gate: Gate, path: str = "/", language: bytes = b"zh-CN") -> Wire:
    wire = Wire()
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept-language", language)]}
    await gate(scope, asyncio.Future, wire)
    return wire


async def test_no_more_than_the_connections_are_inside_and_all_get_their_answer() -> None:
    inside = Inside()
    gate = Gate(inside, at_once=4, waiting=100, patience=60)
    asked = [asyncio.ensure_future(ask(gate)) for _number in range(50)]
    await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    assert (inside.now, gate.queued) == (4, 46)
    inside.open.set()
    assert {(await one).status for one in asked} == {200}
    assert inside.most == 4


async def test_who_finds_no_place_is_told_so_and_when_to_come_back() -> None:
    inside = Inside()
    gate = Gate(inside, at_once=1, waiting=2, patience=0.2)
    first = [asyncio.ensure_future(ask(gate)) for _number in range(3)]
    await asyncio.sleep(0.05)
    refused = await ask(gate)
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert "同时使用的人太多" in refused.body.decode()
    english = await ask(gate, "/api/v1/alerts", b"en")
    assert english.headers["content-type"] == "application/problem+json"
    assert json.loads(english.body)["title"].startswith("Too many")
    await asyncio.sleep(0.3)
    assert sorted(one.done() and one.result().status for one in first) == [False, 503, 503]  # patience ends in words
    health = asyncio.ensure_future(ask(gate, "/healthz"))
    await asyncio.sleep(0.02)
    assert inside.now == 2  # a busy server is not a dead one
    inside.open.set()
    assert ((await health).status, (await first[0]).status, gate.queued) == (200, 200, 0)
