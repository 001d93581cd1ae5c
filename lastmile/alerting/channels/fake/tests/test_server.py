"""The phone network from end to end: sms channel → gateway → phones → signed calls and taps on links."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pytest_django.fixtures import Settings

from lastmile.alerting.channels.contract import Message, What
from lastmile.alerting.channels.fake.script import Script, parse
from lastmile.alerting.channels.fake.server import Options, Phones, application
from lastmile.alerting.channels.sms import callbacks
from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.sms.vendor import Vendor
from lastmile.alerting.channels.tests.rigs import SECRET, free_port

TOKEN = "AbCdEfGhIjKlMnOpQrS"
QUICK = {"devices": {"refused": 0, "off": 0, "latency": [0, 0]}, "people": {"answers": {}}}
PAGE = '<form method="post"><button name="fact" value="confirmed">收到</button></form>'


class House:
    """Stands for the system: keeps what is called back, shows a page at every link."""

    def __init__(self) -> None:
        self.reports: list[callbacks.Report] = []
        self.replies: list[callbacks.Reply] = []
        self.opened: list[str] = []
        self.tapped: list[tuple[str, str]] = []
        self.failing = 0

    async def call(self, request: web.Request) -> web.Response:
        if self.failing:
            self.failing -= 1
            return web.Response(status=503)
        body = await request.read()
        if request.path.endswith("/reports"):
            self.reports += callbacks.reports(body, request.headers)
        else:
            self.replies += callbacks.replies(body, request.headers)
        return web.Response(status=204)

    async def page(self, request: web.Request) -> web.Response:
        self.opened.append(request.path)
        return web.Response(text=PAGE, content_type="text/html")

    async def tap(self, request: web.Request) -> web.Response:
        self.tapped.append((request.path, str((await request.post())["fact"])))
        return web.Response()


@contextlib.asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def town(script: Script, **vendor: Any) -> AsyncIterator[tuple[SmsChannel, Phones, House, str]]:
    """A house, a phone network that calls it back, and the channel between them."""
    house = House()
    app = web.Application()
    app.add_routes([web.post("/gateway/sms/{what}", house.call), web.get("/r/{t}", house.page)])
    app.add_routes([web.post("/r/{t}", house.tap)])
    async with listening(app) as address:
        phones = Phones(script, Options(web=address, secret=SECRET, speed=100))
        async with listening(application(phones)) as network:
            channel = SmsChannel(url=f"{network}/batch", secret=SECRET, vendor=Vendor(**{"timeout": 0.5, **vendor}))
            yield channel, phones, house, network
            await channel.close()


async def until(done: Callable[[], object], seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.02)


def batch(count: int) -> list[Message]:
    text = f"暴雨红色预警，立即转移 http://warn.example.cn/r/{TOKEN} 回复1收到"
    return [Message(f"7-{n}-sms-0", n, f"+86100{n:08d}", text) for n in range(count)]


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> None:
    settings.SMS_GATEWAY_SECRET = SECRET


async def test_a_message_travels_and_its_delivery_comes_back_signed() -> None:
    async with town(parse(QUICK)) as (channel, phones, house, _address):
        assert {o.what for o in await channel.send(batch(30))} == {What.ACCEPTED}
        await until(lambda: len(house.reports) == 30)
        assert {(r.event, r.status) for r in house.reports} == {(7, "delivered")}
        assert sorted(r.person or 0 for r in house.reports) == list(range(30))
        assert phones.stats()["delivered"] == 30
        assert house.opened == []  # these people stay silent


async def test_people_tap_the_link_or_answer_by_sms() -> None:
    named = {
        "+8610000000000": {"answer": "confirm", "after": 1},
        "+8610000000001": {"answer": "needs_help", "by_sms": True},
    }
    async with town(parse({**QUICK, "named": named})) as (channel, _phones, house, address):
        await channel.send(batch(3))
        await until(lambda: house.tapped and house.replies)
        async with aiohttp.ClientSession() as session, session.get(f"{address}/phone/+8610000000000?lang=en") as page:
            html = await page.text()
            assert "tapped on the link: I know about it" in html
            assert f'<a href="http://warn.example.cn/r/{TOKEN}"' in html
        assert house.tapped == [(f"/r/{TOKEN}", "confirmed")]  # at the system's own address, whatever the text says
        assert [(r.phone, r.digits) for r in house.replies] == [("+8610000000001", "3")]


@pytest.mark.parametrize(
    ("fault", "first"),
    [
        ("timeout", What.UNKNOWN),
        ("error_before", What.UNKNOWN),
        ("error_after", What.UNKNOWN),
        ("drop", What.UNKNOWN),
        ("busy", What.RETRY),
        ("half", What.UNKNOWN),
    ],
)
async def test_after_a_fault_sending_again_loses_nothing_and_doubles_nothing(fault: str, first: What) -> None:
    async with town(parse({**QUICK, "gateway": {"hang": 2}}), timeout=0.2) as (channel, phones, _house, _address):
        phones.gateway.next_faults.append(fault)
        assert (await channel.send(batch(10)))[-1].what is first
        assert {o.what for o in await channel.send(batch(10))} == {What.ACCEPTED}
        await until(lambda: phones.network.counts["delivered"] == 10)
        assert all(len(phones.network.inbox(m.address)) == 1 for m in batch(10))
        assert phones.stats()["doubled"] == 0


async def test_a_gateway_that_ignores_keys_shows_its_doubles_in_the_figures() -> None:
    async with town(parse(QUICK)) as (channel, phones, _house, address):
        async with aiohttp.ClientSession() as session:
            wanted = {"next": ["error_after"], "honours_keys": False}
            async with session.post(f"{address}/control", json=wanted) as answer:
                assert answer.status == 200
            await channel.send(batch(5))
            await channel.send(batch(5))
            await until(lambda: phones.network.counts["delivered"] == 10)
            async with session.get(f"{address}/stats.json") as answer:
                stats = await answer.json()
        assert (stats["doubled"], stats["keys_doubled"], stats["honours_keys"]) == (5, 5, False)


async def test_calls_are_repeated_out_of_order_and_until_they_are_taken() -> None:
    script = parse({**QUICK, "gateway": {"repeat": 3, "shuffle": True}})
    async with town(script) as (channel, phones, house, _address):
        house.failing = 2
        await channel.send(batch(20))
        await until(lambda: len(house.reports) == 60)
        keys = [r.key for r in house.reports]
        assert len(set(keys)) == 20
        assert keys[:20] != [m.key for m in batch(20)]
        assert phones.stats()["reports_failed"] == 2


async def test_the_gateway_believes_only_what_is_signed() -> None:
    async with town(parse(QUICK)) as (channel, phones, _house, _address):
        guessing = SmsChannel(url=channel.url, secret="guessed", vendor=channel.vendor)
        found = await guessing.send(batch(2))
        await guessing.close()
        assert {o.what for o in found} == {What.RETRY}
        assert phones.stats()["accepted"] == 0


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"messages": 3}', b'{"messages": [{"key": 1}]}', b'{"messages": ["x"]}']
)
async def test_a_post_that_is_no_batch_is_refused(body: bytes) -> None:
    phones = Phones(parse(QUICK), Options())
    async with listening(application(phones)) as address, aiohttp.ClientSession() as session:
        async with session.post(f"{address}/batch", data=body) as answer:
            assert answer.status == 400
        async with session.post(f"{address}/control", data=b'{"next": ["fire"]}') as answer:
            assert answer.status == 400


async def test_a_page_of_another_host_reaches_nothing() -> None:
    phones = Phones(parse(QUICK), Options())
    async with listening(application(phones)) as address, aiohttp.ClientSession() as session:
        async with session.get(address, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with session.post(f"{address}/phone/+861", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403


async def test_any_phone_can_be_looked_into_and_answered_by_hand() -> None:
    async with town(parse(QUICK)) as (channel, phones, house, address), aiohttp.ClientSession() as session:
        async with session.get(address) as page:
            assert "还没有" in await page.text()
        await channel.send([*batch(3), Message("7-9-sms-0", 9, "+8610000000009", "<script>alert(1)</script>")])
        await until(lambda: phones.network.counts["delivered"] == 4)
        async with session.get(f"{address}/?q=0000002") as page:
            html = await page.text()
            assert "+8610000000002" in html
            assert "+8610000000001" not in html
        async with session.get(f"{address}/phone/+8610000000009") as page:
            assert "&lt;script&gt;" in await page.text()
        async with session.post(f"{address}/phone/+8610000000002?lang=en", data={"text": "1"}) as page:
            assert page.status == 200
        await until(lambda: house.replies)
        assert (house.replies[0].phone, house.replies[0].digits) == ("+8610000000002", "1")
        async with session.get(f"{address}/phone/+8610000000002?lang=en") as page:
            assert 'class="bubble mine">1<' in await page.text()
        async with session.get(f"{address}/phone/+8619999999999") as page:
            assert "还没有短信" in await page.text()
        async with session.get(f"{address}/phone/12") as page:
            assert page.status == 404


async def test_the_command_runs_the_network_as_a_process(tmp_path: Path, settings: Settings) -> None:
    settings.SMS_GATEWAY_SECRET = SECRET
    script, port = tmp_path / "script.json", free_port()
    script.write_text(json.dumps(QUICK))
    command = [
        sys.executable,
        "-m",
        "lastmile",
        "phones",
        "--port",
        str(port),
        "--script",
        str(script),
        "--speed",
        "10",
    ]
    environment = {"LASTMILE_SMS_SECRET": SECRET, "PATH": "/usr/bin:/bin", "LASTMILE_VAR": str(tmp_path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=Path(__file__).parents[5])
    channel = SmsChannel(url=f"http://127.0.0.1:{port}/batch", secret=SECRET)
    try:
        async with asyncio.timeout(30):
            while not (await channel.health()).ok:
                await asyncio.sleep(0.1)
        assert {o.what for o in await channel.send(batch(3))} == {What.ACCEPTED}
    finally:
        await channel.close()
        process.terminate()
        process.communicate(timeout=10)


def test_a_wrong_script_stops_the_command_with_a_sentence(tmp_path: Path) -> None:
    from django.core.management import CommandError, call_command

    (tmp_path / "s.json").write_text('{"people": {"mood": 1}}')
    with pytest.raises(CommandError, match="mood is not known"):
        call_command("phones", script=str(tmp_path / "s.json"))
