"""Public pages from memory: no query for a kept one, at most a second old, and still there without the database."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.utils import translation

from lastmile.alerting import published
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from lastmile.site import asgi, kept
from lastmile.site.kept import Kept, wanted
from lastmile.site.tests.test_serving import Wire
from tests.world import World

HTML = [(b"content-type", b"text/html"), (b"cache-control", b"public, max-age=10"), (b"set-cookie", b"a=b")]


class Origin:
    """Instead of Django: counts what it renders."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.status, self.headers = 200, HTML

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        body = f"<!--age-->page {len(self.scopes)} ".encode() * 50
        await send({"type": "http.response.body", "body": body})


class Bench:
    """A cache over an origin, with an epoch and a stopwatch that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.origin, self.epoch, self.now, self.looks, self.away = Origin(), 1, 1_000.0, 0, False
        self.kept = Kept(self.origin, self._look)
        monkeypatch.setattr("lastmile.site.kept.monotonic", lambda: self.now)

    def _look(self) -> int:
        self.looks += 1
        if self.away:
            raise OperationalError("no server")
        return self.epoch

    async def get(self, path: str = "/w/", query: str = "", method: str = "GET", **headers: str) -> Wire:
        sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": sent}
        wire = Wire()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        await self.kept(scope, receive, wire)
        return wire


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with clock.frozen(), translation.override("zh-hans"):
        yield Bench(monkeypatch)


async def test_it_renders_once_and_looks_once_a_second(bench: Bench) -> None:
    first = await bench.get()
    for _time in range(50):
        assert (await bench.get()).body == first.body
    assert (len(bench.origin.scopes), bench.looks) == (1, 1)
    bench.now += 1.1
    assert (await bench.get()).body == first.body
    assert (len(bench.origin.scopes), bench.looks) == (1, 2)


async def test_what_has_changed_is_shown_within_a_second(bench: Bench) -> None:
    first = await bench.get()
    bench.epoch = 2
    bench.now += 1.0
    assert (await bench.get()).body != first.body


async def test_a_crowd_that_comes_at_once_is_one_rendering(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.get() for _n in range(40)))
    assert len({wire.body for wire in answers}) == 1
    assert (len(bench.origin.scopes), bench.looks) == (1, 1)


async def test_the_minute_that_passes_is_a_new_page(bench: Bench) -> None:
    first = await bench.get()
    clock.forward(seconds=61)
    assert (await bench.get()).body != first.body


async def test_nothing_of_a_reader_reaches_the_page_and_no_cookie_comes_back(bench: Bench) -> None:
    wire = await bench.get(cookie="sessionid=1", x_forwarded_for="1.2.3.4", accept_encoding="gzip")
    assert [name for name, _value in bench.origin.scopes[0]["headers"]] == [b"accept-language"]
    assert "set-cookie" not in wire.headers


async def test_it_is_zipped_and_not_sent_twice(bench: Bench) -> None:
    plain = await bench.get()
    wire = await bench.get(accept_encoding="br, gzip")
    assert wire.headers["content-encoding"] == "gzip"
    assert gzip.decompress(wire.body) == plain.body
    again = await bench.get(if_none_match=wire.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await bench.get(method="HEAD")).body == b""


async def test_a_parameter_that_means_nothing_is_the_same_page_and_a_language_another(bench: Bench) -> None:
    first = await bench.get()
    assert (await bench.get(query="utm=1&x=2")).body == first.body
    assert (await bench.get(accept_language="en-GB")).body != first.body
    assert (await bench.get(query="place=410182")).body != first.body


async def test_without_the_database_it_goes_on_and_says_how_old_it_is(bench: Bench) -> None:
    first = await bench.get()
    bench.away = True
    bench.now += 300
    clock.forward(minutes=5)
    wire = await bench.get(accept_encoding="gzip")
    assert wire.status == 200
    text = gzip.decompress(wire.body).decode()
    assert "5 分钟" in text
    assert "page 1 " in text
    assert "etag" not in wire.headers
    assert "分钟" in (await bench.get()).body.decode()
    bench.away = False
    bench.now += 1.1
    assert (await bench.get()).body != first.body
    assert "分钟" not in (await bench.get()).body.decode()


async def test_an_error_is_not_kept_but_what_is_not_there_is(bench: Bench) -> None:
    bench.origin.status = 503
    for _time in range(2):
        assert (await bench.get("/w/a/")).status == 503
    asked = len(bench.origin.scopes)
    bench.origin.status = 404
    for _time in range(9):
        assert (await bench.get("/w/b/")).status == 404
    assert len(bench.origin.scopes) == asked + 1


async def test_memory_is_bounded_and_what_was_asked_for_last_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 3_000)
    for n in range(20):
        await bench.get()
        await bench.get(f"/w/{n}/")
    assert bench.kept.size <= 3_000
    assert bench.kept.size == sum(page.size for page in bench.kept.pages.values())
    assert "/w/" in {key.path for key in bench.kept.pages}


def test_what_is_not_public_is_left_alone() -> None:
    def asked(path: str, method: str = "GET") -> object:
        return wanted({"path": path, "method": method, "headers": [], "query_string": b""})

    assert asked("/w/")
    for path, method in (("/w/", "POST"), ("/w/my/abc/", "GET"), ("/", "GET"), ("/alerts/", "GET")):
        assert asked(path, method) is None


@pytest.mark.django_db(transaction=True)
async def test_a_kept_page_asks_the_database_nothing_and_an_issue_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real pages and the real triggers; queries are counted in every thread."""
    now, asked = [1_000.0], list[str]()
    execute = CursorWrapper.execute

    def counted(cursor: CursorWrapper, sql: str, params: Any = None) -> Any:
        asked.append(sql)
        return execute(cursor, sql, params)

    monkeypatch.setattr("lastmile.site.kept.monotonic", lambda: now[0])
    monkeypatch.setattr(CursorWrapper, "execute", counted)
    cache = Kept(asgi.gate, published.epoch)
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/w/", "headers": [(b"host", b"localhost")]}
    scope |= {"query_string": b"", "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80]}
    scope |= {"scheme": "http", "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}

    async def page() -> str:
        wire = Wire()
        await cache(dict(scope), kept._nothing(), wire)
        return wire.body.decode()

    world = await asyncio.to_thread(_alone, World.build)
    assert "没有生效的预警" in await page()
    assert asked
    asked.clear()
    for _time in range(20):
        await page()
    assert asked == []
    await asyncio.to_thread(_alone, lambda: Desk(world).issued(channels=["sms", "web"]))
    now[0] += 1.0
    assert "立即离开河沟" in await page()
    await asyncio.get_running_loop().run_in_executor(cache._thread, _alone, int)


def _alone(do: Any) -> Any:
    """In a thread whose connection ends with it."""
    try:
        return do()
    finally:
        connection.close()
