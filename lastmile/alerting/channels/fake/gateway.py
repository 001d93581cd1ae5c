"""The gateways in front of the invented phones: the protocols of the channels sms and voice, and scripted faults.

POST /batch   {"messages": [{"key", "to", "text"} …]} → {"results": [{"key", "status", "reason"} …]}
POST /calls   {"calls": [{"key", "to", "text"} …]} → the same; telephone.py
Faults (docs/channels/fake.md): timeout error_before error_after half drop busy slow, by share of the requests or for
the next ones.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.script import FAULTS
from lastmile.kernel import clock

BATCH_LIMIT = 1000  # messages in one post
BODY_LIMIT = 20_000_000  # bytes
Item = dict[str, Any]


class BadBatch(Exception):
    """The post can't be read; the text is a sentence, `status` the code of the answer."""

    def __init__(self, says: str, status: int = 400) -> None:
        super().__init__(says)
        self.status = status


class PhoneGateway:
    """`now` gives the network's own time, which may run faster than ours."""

    items = "messages"
    needs: tuple[str, ...] = ("key", "to", "text")

    def __init__(self, network: Network, secret: str, now: Any) -> None:
        self.network, self.secret, self.now = network, secret, now
        self.next_faults: deque[str] = deque()
        self.counts: Counter[str] = Counter()

    async def post(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            items = self._read(body, request)
        except BadBatch as error:
            return web.json_response({"error": str(error)}, status=error.status)
        self.counts["posts"] += 1
        fault = self._fault()
        if fault:
            self.counts[fault] += 1
        return await self._answer(request, items, fault)

    def believe(self, body: bytes, request: web.Request) -> None:
        """Raises BadBatch for a body that the other side has not signed."""
        if self.secret:
            try:
                signing.verify(self.secret, body, request.headers, now=clock.now().timestamp())
            except signing.Unsigned as error:
                raise BadBatch(f"signature {error}", 401) from error

    def _read(self, body: bytes, request: web.Request) -> list[Item]:
        self.believe(body, request)
        try:
            items = orjson.loads(body)[self.items]
            readable = all(isinstance(item[name], str) for item in items for name in self.needs)
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise BadBatch(f'send {{"{self.items}": [{{"key", "to", "text"}} …]}}') from error
        if not readable or not isinstance(items, list):
            raise BadBatch(f"{', '.join(self.needs)} must be text")
        if len(items) > BATCH_LIMIT:
            raise BadBatch(f"at most {BATCH_LIMIT} messages in one post", 413)
        return items

    def _fault(self) -> str:
        if self.next_faults:
            return self.next_faults.popleft()
        chance = self.network.chance("fault", str(self.counts["posts"]))
        for fault, share in self.network.script.gateway.faults.items():
            chance -= share
            if chance < 0:
                return fault
        return ""

    async def _answer(self, request: web.Request, items: list[Item], fault: str) -> web.StreamResponse:
        gateway = self.network.script.gateway
        if fault == "error_before":
            return web.Response(status=500)
        if fault == "busy":
            return web.Response(status=429, headers={"Retry-After": "1"})
        taken = items[: len(items) // 2] if fault == "half" else items
        results = await self.take(taken)
        if fault == "error_after":
            return web.Response(status=502)
        if fault == "drop" and request.transport is not None:
            request.transport.abort()
        await asyncio.sleep(gateway.hang if fault in ("timeout", "slow") else gateway.latency)
        return web.Response(body=orjson.dumps({"results": results}), content_type="application/json")

    async def take(self, items: list[Item]) -> list[dict[str, str]]:
        now, results = self.now(), []
        for item in items:
            status, reason = self.network.take(item["key"], item["to"], item["text"], now)
            results.append({"key": item["key"], "status": status, **({"reason": reason} if reason else {})})
        return results


def known_faults(names: Any, known: Sequence[str] = FAULTS) -> list[str]:
    """The faults of a control call. Raises BadBatch."""
    if not isinstance(names, list) or any(name not in ("", *known) for name in names):
        raise BadBatch(f"next must be a list of {', '.join(known)}; an empty text is a request without fault")
    return names
