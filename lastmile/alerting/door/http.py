"""As much of HTTP as the door needs: read a small body, send a whole answer with its safety headers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

HTML = b"text/html; charset=utf-8"
JSON = b"application/json"
PROBLEM = b"application/problem+json"

SAFETY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
]


class TooLarge(Exception):
    pass


async def body_of(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it grows beyond the limit."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def answer(
    send: Send, status: int, body: bytes, kind: bytes = HTML, *more: tuple[bytes, bytes], head: bool = False
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *SAFETY, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


class Pace:
    """At most `most` uses of a key in `seconds`, in this process: enough against a loop, never in a person's way."""

    def __init__(self, most: int, seconds: float, *, keys: int = 200_000) -> None:
        self.most, self.seconds, self.keys = most, seconds, keys
        self._used: dict[str, int] = {}
        self._until = 0.0

    def allows(self, key: str) -> bool:
        now = time.monotonic()
        if now >= self._until or len(self._used) > self.keys:
            self._used, self._until = {}, now + self.seconds
        used = self._used.get(key, 0) + 1
        self._used[key] = used
        return used <= self.most
