"""How many requests Django answers at once: as many as there are database connections, a few more wait, the rest
are told so in a sentence with 503 and Retry-After. Without it the 25th request waited 10 s and got a 500.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SPARE = 3  # connections left for the receipt door and for the checks of a load balancer
WITHOUT_POOL = 21
WAITING = 200  # requests in the queue
PATIENCE = 8.0  # seconds in the queue; the pool itself would wait 10
RETRY = b"5"
FREE = ("/healthz", "/metrics")  # machines that watch must see a busy server, not a dead one


class Gate:
    """Wraps an ASGI application; everything of one web process goes through one gate."""

    def __init__(self, app: App, *, at_once: int = 0, waiting: int = WAITING, patience: float = PATIENCE) -> None:
        self.app = app
        self.waiting = waiting
        self.patience = patience
        self.queued = 0
        self._places = asyncio.Semaphore(
            at_once or (max(1, settings.DB_POOL - SPARE) if settings.DB_POOL else WITHOUT_POOL)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in FREE:
            await self.app(scope, receive, send)
        elif await self._entered():
            try:
                await self.app(scope, receive, send)
            finally:
                self._places.release()
        else:
            await _busy(scope, send)

    async def _entered(self) -> bool:
        if self.queued >= self.waiting:
            return False
        self.queued += 1
        try:
            await asyncio.wait_for(self._places.acquire(), self.patience)
        except TimeoutError:
            return False
        finally:
            self.queued -= 1
        return True


async def _busy(scope: Scope, send: Send) -> None:
    """Says so without Django's middleware: no session, no database."""
    wanted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"").decode("latin-1")
    with translation.override("en" if wanted.lower().startswith("en") else "zh-hans"):
        kind, body = _words(scope["path"])
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", RETRY),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _words(path: str) -> tuple[bytes, bytes]:
    says = _("Too many people are working here at this moment.")
    mend = _("Wait a few seconds, then send it again. Nothing was changed.")
    if path.startswith("/api/"):
        problem = {"title": says, "detail": mend, "status": 503, "fields": {}}
        return b"application/problem+json", json.dumps(problem, ensure_ascii=False).encode()
    return b"text/html; charset=utf-8", render_to_string("site/busy.html", {"says": says, "mend": mend}).encode()
