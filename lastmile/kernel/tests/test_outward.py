"""Addresses that somebody typed lead to the public internet and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from lastmile.kernel import outward
from lastmile.kernel.outward import Unreachable

INSIDE = [
    "http://127.0.0.1:1/x",
    "http://127.1:1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://localhost:1/x",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fd00::1]/",
    "http://169.254.169.254/latest",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://192.0.0.8/",
    "http://224.0.0.1/",
    "http://0.0.0.0/",
]
NO_ADDRESS = [
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://127.0.0.1:6379/_INFO",
    "//example.org/",
    "javascript:alert(1)",
    "http://",
    "http://good.example@127.0.0.1/",
    "http://user:word@example.org/",
    "http://[::1",
    "",
]


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_asked_in_whatever_spelling(address: str) -> None:
    with pytest.raises(Unreachable) as refused:
        outward.ask_now("GET", address)
    assert refused.value.why == "private" or "not a canonical IPv4" in refused.value.more


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_is_no_web_address_is_refused_where_it_is_typed(address: str) -> None:
    with pytest.raises(Unreachable) as refused:
        outward.check(address)
    assert refused.value.why == "scheme"


@pytest.mark.parametrize("address", ["https://example.org/feed?a=1", "http://8.8.8.8:8080/x", "https://气象.中国/feed"])
def test_a_public_address_may_be_typed(address: str) -> None:
    assert outward.check(address).host


def test_backslashes_lead_to_the_host_that_was_judged() -> None:
    """One parser for judging and asking: what the first reads as a host the second can't read as another."""
    with pytest.raises(Unreachable):
        outward.ask_now("GET", "http://127.0.0.1:1\\@example.org/")


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_a_name_that_turns_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The DNS says public when asked first and loopback from then on; what is connected is what was judged."""
    asked: list[str] = []

    async def getaddrinfo(self: Any, host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    with pytest.raises(Unreachable) as refused:
        await outward.ask("GET", "http://feed.example.org/")
    assert (refused.value.why, asked) == ("private", ["feed.example.org"])


async def test_the_socket_refuses_even_what_no_resolver_saw() -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        raise AssertionError("was reached")

    async with serving(handler) as port, outward.session() as asking:
        with pytest.raises(Unreachable):
            await asking.get(f"http://127.0.0.1:{port}/")


async def test_a_redirect_to_the_inside_is_judged_again(settings: Any) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.1/32"]

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPFound({"/a": "http://169.254.169.254/latest", "/b": "file:///etc/passwd"}[request.path])

    async with serving(handler) as port:
        for path, why in (("/a", "private"), ("/b", "scheme")):
            with pytest.raises(Unreachable) as refused:
                await outward.ask("GET", f"http://127.0.0.1:{port}{path}")
            assert refused.value.why == why


async def test_our_headers_do_not_follow_to_another_host(settings: Any) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.0/8"]
    seen: dict[str, str | None] = {}

    async def far(request: web.BaseRequest) -> web.StreamResponse:
        seen["far"] = request.headers.get("Authorization")
        return web.Response(text="there")

    async with serving(far) as other:

        async def near(request: web.BaseRequest) -> web.StreamResponse:
            seen["near"] = request.headers.get("Authorization")
            raise web.HTTPFound(f"http://127.0.0.1:{other}/")

        async with serving(near) as port:
            answer = await outward.ask("GET", f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer x"})
    assert (answer.status, answer.body) == (200, b"there")
    assert seen == {"near": "Bearer x", "far": None}


async def test_a_post_is_not_sent_on() -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://169.254.169.254/")

    async with serving(handler) as port:
        answer = await outward.ask("POST", f"http://127.0.0.1:{port}/", body=b"x", private=True)
    assert answer.status == 307


async def test_an_answer_without_end_and_a_round_trip_without_end_are_cut(settings: Any) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.1/32"]

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/round":
            raise web.HTTPFound("/round")
        answer = web.Response(body=b"\0" * 3_000_000)  # three kilobytes on the wire
        answer.enable_compression()
        return answer

    async with serving(handler) as port:
        for path, why in (("/big", "too_big"), ("/round", "moved")):
            with pytest.raises(Unreachable) as refused:
                await outward.ask("GET", f"http://127.0.0.1:{port}{path}")
            assert refused.value.why == why


async def test_who_does_not_answer_is_given_up(settings: Any) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.1/32"]

    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with serving(handler) as port:
        with pytest.raises(Unreachable) as refused:
            await outward.ask("GET", f"http://127.0.0.1:{port}/", seconds=0.2)
    assert refused.value.why == "failed"
