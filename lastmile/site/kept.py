"""The public pages, kept in memory: a web process answers them before Django, without a query (docs/adr/0031).

A kept page is good while the epoch of what is public stands (one look a second, whoever asks) and the minute lasts.
When the database is away, or too busy, the last page is served with a note of its age.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.db import Error, connection
from django.utils import translation
from django.utils.translation import gettext as _

from lastmile.kernel import clock

log = logging.getLogger("lastmile.kept")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]
Mark = tuple[int, int]  # epoch, minute

PREFIX, OWN = "/w/", "/w/my/"  # what is public, and what of it is somebody's own
ASKED = (
    "lang",
    "ended",
    "exercises",
    "place",
    "q",
    "hazard",
    "colour",
    "since",
    "until",
    "page",
    "size",
)  # nothing else is a page
LOOK_EVERY = 1.0  # seconds; the oldest that a page may be against the database
PATIENCE = 1.0  # seconds for which a request waits for the database while there is an older page
OLD = 15.0  # seconds since the database last answered, from which on a page says how old it is
MOST = 64_000_000  # bytes of all kept pages of a process
AGE = b"<!--age-->"  # where the note stands, in the page's base
VARY = (b"vary", b"Accept-Encoding, Accept-Language")
DROPPED = (b"set-cookie", b"vary", b"etag", b"content-length", b"content-encoding")


class Key(NamedTuple):
    path: str
    query: str
    language: str
    scheme: str


@dataclass(frozen=True)
class Page:
    mark: Mark
    at: float  # monotonic() of the look it rests on
    status: int
    headers: tuple[Header, ...]
    body: bytes
    zipped: bytes
    etag: bytes

    @property
    def size(self) -> int:
        return len(self.body) + len(self.zipped)


class Kept:
    """Wraps an ASGI application. `look` gives the epoch from the database, in a thread."""

    def __init__(self, app: App, look: Callable[[], int]) -> None:
        self.app, self.look = app, look
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.size = 0
        self._epoch, self._seen, self._tried = -1, float("-inf"), float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._rendering: dict[Key, asyncio.Task[Page | None]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kept")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = wanted(scope)
        page = await self._page(key, scope) if key else None
        if key is None or page is None:
            await self.app(scope, receive, send)
        else:
            await self._send(page, key, scope, send)

    async def _page(self, key: Key, scope: Scope) -> Page | None:
        await self._looked()
        old = self.pages.get(key)
        if old is not None:
            self.pages.move_to_end(key)
            if old.mark == self._mark():
                return old
            if monotonic() - self._seen > LOOK_EVERY + PATIENCE:
                return old  # the database is away: it would not answer this either
        return await self._within(self._render(key, scope), old)

    def _mark(self) -> Mark:
        return self._epoch, int(clock.now().timestamp()) // 60

    async def _within(self, task: asyncio.Task[Page | None], old: Page | None) -> Page | None:
        if old is None:
            return await asyncio.shield(task)
        await asyncio.wait([task], timeout=PATIENCE)
        return (task.result() if task.done() and not task.exception() else None) or old

    async def _looked(self) -> None:
        """See to it that the epoch was asked for within the last second; wait for that only as long as it is young."""
        now = monotonic()
        if (self._looking is None or self._looking.done()) and now - self._tried >= LOOK_EVERY:
            self._tried = now
            self._looking = asyncio.get_running_loop().create_task(self._look(now))
        if self._looking is not None and not self._looking.done() and now - self._tried < PATIENCE:
            await asyncio.wait([self._looking], timeout=PATIENCE)

    async def _look(self, now: float) -> None:
        try:
            self._epoch = await asyncio.get_running_loop().run_in_executor(self._thread, self._asked)
            self._seen = now
        except Error as error:
            log.warning("the database can't be asked what is public: %s", type(error).__name__)

    def _asked(self) -> int:
        try:
            return self.look()
        except Error:
            connection.close()  # whoever restarted it: the next look is a new connection
            raise
        finally:
            if settings.DB_POOL:
                connection.close()  # back to the pool

    def _render(self, key: Key, scope: Scope) -> asyncio.Task[Page | None]:
        """One rendering of a page, however many ask for it."""
        task = self._rendering.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._rendered(key, scope))
            self._rendering[key] = task
            task.add_done_callback(lambda _task: self._rendering.pop(key, None))
        return task

    async def _rendered(self, key: Key, scope: Scope) -> Page | None:
        """The page from Django; None for what may not be kept."""
        mark, at = self._mark(), self._seen
        caught = Caught()
        await self.app(_plain(scope, key), _nothing(), caught)
        if not caught.keepable:
            return None
        headers = tuple((name, value) for name, value in caught.headers if name not in DROPPED)
        body = bytes(caught.body)
        etag = b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'
        page = Page(mark, at, caught.status, headers, body, gzip.compress(body, 6, mtime=0), etag)
        self._keep(key, page)
        return page

    def _fresh(self, page: Page) -> bool:
        return page.mark == self._mark() and monotonic() - self._seen <= OLD

    def _keep(self, key: Key, page: Page) -> None:
        before = self.pages.pop(key, None)
        self.pages[key] = page
        self.size += page.size - (before.size if before else 0)
        while self.size > MOST and len(self.pages) > 1:
            _key, gone = self.pages.popitem(last=False)
            self.size -= gone.size

    async def _send(self, page: Page, key: Key, scope: Scope, send: Send) -> None:
        asked = dict(scope["headers"])
        age = 0.0 if self._fresh(page) else max(0.0, monotonic() - page.at)
        headers = [*page.headers, VARY, (b"age", b"%d" % age)]
        if age <= OLD:
            headers.append((b"etag", page.etag))
            if page.etag in asked.get(b"if-none-match", b""):
                await _answer(send, 304, headers, b"")
                return
        zipped = b"gzip" in asked.get(b"accept-encoding", b"")
        body = page.zipped if zipped else page.body
        if age > OLD and AGE in page.body:
            body = page.body.replace(AGE, _note(age, key.language))
            body = gzip.compress(body, 1) if zipped else body
        headers.append((b"content-length", str(len(body)).encode()))
        if zipped:
            headers.append((b"content-encoding", b"gzip"))
        await _answer(send, page.status, headers, b"" if scope["method"] == "HEAD" else body)


class Caught:
    """What Django sends."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: tuple[Header, ...] = ()
        self.body = bytearray()

    async def __call__(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = tuple((bytes(name).lower(), bytes(value)) for name, value in message["headers"])
        else:
            self.body += message.get("body", b"")

    @property
    def keepable(self) -> bool:
        """What the view calls public, and that something is not there: a guessed address costs one look a minute."""
        control = dict(self.headers).get(b"cache-control", b"")
        return self.status == 404 or (self.status == 200 and b"public" in control)


def wanted(scope: Scope) -> Key | None:
    """Which page is asked for: unknown parameters count for nothing. None: it is for Django."""
    path = scope["path"]
    if not path.startswith(PREFIX) or path.startswith(OWN) or scope["method"] not in ("GET", "HEAD"):
        return None
    headers = dict(scope["headers"])
    asked = parse_qs(scope.get("query_string", b"")[:500].decode("utf-8", "replace"), max_num_fields=None)
    chosen = {name: asked[name][0][:60] for name in ASKED if name in asked}
    spoken = headers.get(b"accept-language", b"").strip().lower()
    secure = headers.get(b"x-forwarded-proto") == b"https" or scope.get("scheme") == "https"
    return Key(path, urlencode(chosen), "en" if spoken.startswith(b"en") else "zh", "https" if secure else "http")


def _plain(scope: Scope, key: Key) -> Scope:
    """The same wish without anything of the person who has it: no cookie, no address."""
    kept = [(name, value) for name, value in scope["headers"] if name in (b"host", b"x-forwarded-proto")]
    language = (b"accept-language", b"en" if key.language == "en" else b"zh-CN")
    return {**scope, "method": "GET", "query_string": key.query.encode(), "headers": [*kept, language]}


def _nothing() -> Receive:
    sent = False

    async def receive() -> Mapping[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Future()  # the reader of a kept page never leaves
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _answer(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _note(age: float, language: str) -> bytes:
    with translation.override("en" if language == "en" else "zh-hans"):
        minutes = max(1, round(age / 60))
        says = _("Our records can't be reached. This page is about %(n)d min old; newer warnings may exist.")
        return f'<p class="say old" role="status">{says % {"n": minutes}}</p>'.encode()
