"""The invented telephone from end to end: voice channel → gateway → people → signed reports; and its page."""

from __future__ import annotations

import contextlib
import io
import wave
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pytest_django.fixtures import Settings

from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.channels.fake.script import Script, parse
from lastmile.alerting.channels.fake.server import Options, Phones, application
from lastmile.alerting.channels.fake.tests.test_server import listening, until
from lastmile.alerting.channels.tests.rigs import SECRET
from lastmile.alerting.channels.voice import callbacks
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.alerting.channels.voice.vendor import Vendor

NUMBERS = [f"+86100{n:08d}" for n in range(4)]
CALM = {"devices": {"refused": 0, "off": 0}, "people": {"answers": {}}}


class House:
    """Stands for the system: keeps what is called back, and has one recording."""

    def __init__(self) -> None:
        self.told: list[callbacks.Report] = []
        self.fetched = 0

    async def call(self, request: web.Request) -> web.Response:
        self.told += callbacks.reports(await request.read(), request.headers)
        return web.Response(status=204)

    async def audio(self, _request: web.Request) -> web.Response:
        self.fetched += 1
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(b"\0\0" * 8000 * 5)
        return web.Response(body=sound.getvalue(), content_type="audio/wav")

    def of(self, number: int) -> list[tuple[str, str]]:
        return [(one.what, one.digit) for one in self.told if one.key == f"7-{number}-voice-0"]


@contextlib.asynccontextmanager
async def town(
    script: Script, *, speed: float = 200, **vendor: Any
) -> AsyncIterator[tuple[VoiceChannel, Phones, House, str]]:
    house = House()
    app = web.Application()
    app.add_routes(
        [web.post("/gateway/voice/reports", house.call), web.get("/gateway/voice/audio/{name}", house.audio)]
    )
    async with listening(app) as address:
        phones = Phones(script, Options(web=address, voice_secret=SECRET, speed=speed, lines=3))
        async with listening(application(phones)) as network:
            channel = VoiceChannel(
                url=f"{network}/calls", secret=SECRET, public_url=address, vendor=Vendor(**{"timeout": 0.5, **vendor})
            )
            yield channel, phones, house, network
            await channel.close()


def batch(count: int) -> list[Message]:
    text = "暴雨红色预警，立即转移。收到请按1。"
    return [Message(f"7-{n}-voice-0", n, NUMBERS[n], text) for n in range(count)]


def kinds(found: list[Outcome]) -> list[What]:
    return [outcome.what for outcome in found]


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> None:
    settings.VOICE_GATEWAY_SECRET, settings.VOICE_GATEWAY_VENDOR = SECRET, ""


async def test_people_listen_press_a_key_hang_up_or_let_it_ring() -> None:
    named = {NUMBERS[0]: {"answer": "confirm", "after": 3}, NUMBERS[1]: {"answer": "read", "after": 3}}
    async with town(parse({**CALM, "named": named})) as (channel, phones, house, _address):
        assert kinds(await channel.send(batch(4))) == [What.ACCEPTED] * 3 + [What.RETRY]  # three lines
        await until(lambda: house.of(2)[-1:] == [("no_answer", "")])
        assert house.of(0) == [("ringing", ""), ("answered", ""), ("heard", ""), ("key", "1"), ("hung_up", "")]
        assert house.of(1) == [("ringing", ""), ("answered", ""), ("hung_up", "")]
        assert kinds(await channel.send(batch(4))) == [What.ACCEPTED] * 4  # three are known, the fourth has a line now
        assert phones.stats()["calls_rung"] == 4
        assert phones.stats()["calls_cut"] == 1


async def test_a_hand_over_that_broke_is_asked_for_and_rings_once() -> None:
    async with town(parse(CALM), timeout=0.3) as (channel, phones, _house, _address):
        phones.voice.next_faults.extend(["drop", "error_before"])
        assert kinds(await channel.send(batch(1))) == [What.ACCEPTED]  # it was taken: the gateway knows the key
        assert kinds(await channel.send(batch(2)[1:])) == [What.RETRY]  # it was not
        assert phones.stats()["calls_rung"] == 1


async def test_the_end_of_a_call_can_be_asked_for_when_the_reports_were_lost() -> None:
    named = {NUMBERS[0]: {"answer": "moved", "after": 3}}
    async with town(parse({**CALM, "named": named})) as (channel, phones, _house, _address):
        await channel.send(batch(1))
        await until(lambda: phones.exchange.counts["hung_up"])
        found = await channel.ask(["7-0-voice-0", "7-3-voice-0"])
        assert [(one.what, one.digit) for one in found] == [("heard", ""), ("key", "2"), ("hung_up", "")]


async def test_only_signed_calls_and_questions_are_believed() -> None:
    async with town(parse(CALM)) as (channel, phones, _house, network):
        guessing = VoiceChannel(url=channel.url, secret="guessed", public_url="http://x", vendor=channel.vendor)
        assert kinds(await guessing.send(batch(1))) == [What.RETRY]
        assert await guessing.ask(["7-0-voice-0"]) == []
        await guessing.close()
        assert phones.stats()["calls_rung"] == 0
        async with aiohttp.ClientSession() as session:
            for path in ("/calls", "/calls/status"):
                async with session.post(network + path, data=b"{") as answer:
                    assert answer.status == 401


async def test_somebody_takes_the_phone_in_hand_picks_up_and_presses_a_key() -> None:
    async with town(parse(CALM), speed=1) as (channel, phones, house, network), aiohttp.ClientSession() as session:
        page = f"{network}/phone/{NUMBERS[0]}"

        async def act(name: str) -> str:
            async with session.post(f"{page}/call?lang=en", data={"act": name}) as answer:
                return await answer.text()

        assert "Let the invented person answer" in await act("take")
        await channel.send(batch(1))
        await until(lambda: house.of(0) == [("ringing", "")])
        async with session.get(network) as answer:
            assert "正在振铃" in await answer.text()
        async with session.get(f"{page}?lang=en") as answer:
            assert "Pick up" in await answer.text()
        await act("pick_up")
        await until(lambda: phones.exchange.counts["answered"])
        async with session.get(f"{page}?lang=en") as answer:
            assert "立即转移" in await answer.text()  # what is said, once somebody listens
        await act("1")
        await act("hang_up")
        await until(lambda: phones.exchange.counts["hung_up"])
        await until(lambda: len(house.of(0)) == 4)
        assert house.of(0) == [("ringing", ""), ("answered", ""), ("key", "1"), ("hung_up", "")]  # cut short
        async with session.get(f"{page}?lang=en") as answer:
            assert "not played to the end" in await answer.text()


async def test_another_site_can_not_answer_the_phone() -> None:
    async with town(parse(CALM)) as (_channel, phones, _house, network), aiohttp.ClientSession() as session:
        foreign = {"Sec-Fetch-Site": "cross-site"}
        async with session.post(f"{network}/phone/{NUMBERS[0]}/call", data={"act": "take"}, headers=foreign) as answer:
            assert answer.status == 403
        assert not phones.exchange.by_hand


async def test_a_recording_is_fetched_once_and_its_length_is_the_length_of_the_call() -> None:
    async with town(parse(CALM)) as (_channel, phones, house, _network):
        item = {"key": "7-0-voice-0", "to": NUMBERS[0], "audio": "http://elsewhere.example/gateway/voice/audio/a.wav"}
        results = await phones.voice.take([item, {**item, "key": "7-1-voice-0", "to": NUMBERS[1]}])
        assert [one["status"] for one in results] == ["accepted"] * 2
        assert house.fetched == 1  # from the house, whatever host the address names
        assert phones.exchange.calls["7-0-voice-0"].wanted.length == 5.0
        lost = {**item, "key": "7-2-voice-0", "audio": "http://elsewhere.example/nowhere.wav"}
        assert (await phones.voice.take([lost]))[0]["status"] == "retry"
