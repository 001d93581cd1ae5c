"""A terminal and a server over a real Mosquitto: heartbeat, play, stop, the last will, and what a stranger can't do."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest
from aiohttp import web

from lastmile.alerting.channels.mqtt import protocol
from lastmile.alerting.channels.mqtt.box import Box
from lastmile.alerting.channels.mqtt.broker import packed, publish, signature_of, signed
from lastmile.alerting.channels.mqtt.protocol import Audio, Command, Do, Report, Stage, State
from lastmile.alerting.channels.mqtt.transport import MqttChannel
from lastmile.alerting.channels.tests.mosquitto import Mosquitto, mosquitto
from lastmile.kernel import clock
from tests.authority import Authority

KEY, CODE = "k" * 64, "WZD-01"
ENOUGH = 10.0  # seconds to wait for what comes at once


@pytest.fixture
def mosquito(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as found:
        yield found


class Server:
    """What the house hears: verified messages of one terminal."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client, self.states, self.reports = client, list[State](), list[Report]()
        self.retained: list[bool] = []

    async def listen(self) -> None:
        async for message in self.client.messages:
            topic, payload = str(message.topic), message.payload
            assert isinstance(payload, bytes)
            assert protocol.is_signed(KEY, topic, payload, signature_of(message))
            found = protocol.read(protocol.whose(topic)[1], payload)
            if isinstance(found, State):
                self.states.append(found)
                self.retained.append(bool(message.retain))
            else:
                self.reports.append(found)

    async def tell(self, key: str = KEY, **what: Any) -> None:
        command = ordered(**what)
        await publish(self.client, key, protocol.topic(CODE, "command"), command.body(), expires=60)

    def stages(self) -> list[str]:
        return [f"{one.id} {one.stage}" for one in self.reports]


def ordered(**what: Any) -> Command:
    now = int(clock.now().timestamp())
    facts: dict[str, Any] = {"id": "p1-0", "do": Do.PLAY, "at": now, "until": now + 600, "text": "暴雨红色预警"}
    return Command(**{**facts, **what})


@asynccontextmanager
async def house(broker: Mosquitto, *boxes: Box) -> AsyncIterator[Server]:
    tasks = [asyncio.create_task(box.run()) for box in boxes]
    try:
        async with broker.broker.client() as client:
            server = Server(client)
            for topic in (protocol.ALL_STATES, protocol.ALL_REPORTS):
                await client.subscribe(topic, qos=1)
            tasks.append(asyncio.create_task(server.listen()))
            for box in boxes:
                await asyncio.wait_for(box.connected.wait(), ENOUGH)
            yield server
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], object], seconds: float = ENOUGH) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def box(broker: Mosquitto, **more: Any) -> Box:
    return Box(CODE, KEY, broker.broker, **{"speaks": True, "speed": 50.0, "beat": 0.3, "keepalive": 5, **more})


async def test_it_beats_plays_and_reports(mosquito: Mosquitto) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        await server.tell(repeats=3, pause=1.0, volume=90)
        await until(lambda: len(server.reports) == 2)
        assert server.stages() == ["p1-0 started", "p1-0 finished"]
        assert server.reports[1].seconds == pytest.approx(3 * 6 / 4 + 2)
        await until(lambda: server.states and server.states[-1].volume == 90)
        assert server.states[-1].online
        assert [one.stage for one in server.states[-1].recent] == [Stage.STARTED, Stage.FINISHED]


async def test_a_command_that_comes_again_is_played_once(mosquito: Mosquitto) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        for _again in range(4):
            await server.tell()
        await server.tell(id="p2-0")
        await until(lambda: len(horn.played) == 2)
        assert [one.id for one in horn.played] == ["p1-0", "p2-0"]


@pytest.mark.parametrize("key", ["x" * 64, ""])
async def test_what_a_stranger_publishes_is_not_played(mosquito: Mosquitto, key: str) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        await server.tell(key=key)
        body = ordered().body()
        properties = signed(KEY, protocol.topic("WZD-02", "command"), body)  # for another terminal
        await server.client.publish(protocol.topic(CODE, "command"), body, qos=1, properties=properties)
        await until(lambda: len(horn.refused) == 2)
        await server.tell(id="p2-0")
        await until(lambda: horn.played)
        assert [one.id for one in horn.played] == ["p2-0"]


async def test_an_old_command_is_not_played(mosquito: Mosquitto) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        await server.tell(until=int(clock.now().timestamp()) - 5)
        await until(lambda: horn.refused == ["too late"])
        assert not horn.played


async def test_what_is_more_urgent_interrupts_and_what_is_less_waits(mosquito: Mosquitto) -> None:
    horn = box(mosquito, speed=8.0)
    async with house(mosquito, horn) as server:
        await server.tell(id="p1-0", priority=4, text="长" * 40)
        await until(lambda: "p1-0 started" in server.stages())
        await server.tell(id="p2-0", priority=1)
        await server.tell(id="p3-0", priority=4)
        await until(lambda: "p3-0 finished" in server.stages())
        assert [one for one in server.stages() if "started" not in one] == [
            "p1-0 stopped",
            "p2-0 finished",
            "p3-0 finished",
        ]


async def test_stop_ends_what_belongs_to_the_warning_alone(mosquito: Mosquitto) -> None:
    horn = box(mosquito, speed=2.0)
    async with house(mosquito, horn) as server:
        await server.tell(id="p1-0", warning=7, text="长" * 200)
        await until(lambda: "p1-0 started" in server.stages())
        await server.tell(id="p2-0", do=Do.STOP, warning=8)
        await until(lambda: "p2-0 finished" in server.stages())
        assert horn.playing == "p1-0"
        await server.tell(id="p3-0", do=Do.STOP, warning=7)
        await until(lambda: "p1-0 stopped" in server.stages())
        assert not horn.playing


async def test_one_that_fails_says_why(mosquito: Mosquitto) -> None:
    horn = box(mosquito, fail=1)
    async with house(mosquito, horn) as server:
        await server.tell()
        await until(lambda: server.reports)
        assert (server.reports[0].stage, server.reports[0].reason) == (Stage.FAILED, "amplifier")
        await server.tell(id="p1-1")
        await until(lambda: "p1-1 finished" in server.stages())


async def test_audio_is_fetched_kept_and_must_be_what_was_signed(mosquito: Mosquitto, tmp_path: Path) -> None:
    from lastmile.alerting.channels.speech import sound

    wav = sound.write(sound.tone(1.0, 8000), 8000)

    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=wav, content_type="audio/wav")

    app = web.Application()
    app.router.add_get("/a.wav", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/a.wav"
    right = Audio(url=url, sha256=hashlib.sha256(wav).hexdigest(), bytes=len(wav), seconds=1.0)
    horn = box(mosquito, speaks=False, folder=tmp_path)
    try:
        async with house(mosquito, horn) as server:
            await server.tell(id="p1-0", audio=replace(right, sha256="0" * 64))
            await server.tell(id="p2-0", audio=right, repeats=2, pause=0.5)
            await until(lambda: "p2-0 finished" in server.stages())
            assert server.reports[0].reason == "audio is not what was signed"
            assert server.reports[-1].seconds == 2.5
    finally:
        await runner.cleanup()
    _rate, samples = sound.read((tmp_path / f"{CODE}-p2-0.wav").read_bytes())
    assert len(samples) == pytest.approx(2.5 * 8000, abs=10)


async def test_the_last_will_speaks_when_the_line_is_cut_and_it_comes_back(mosquito: Mosquitto) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        await until(lambda: server.states)
        horn.cut(1.0)
        await until(lambda: not server.states[-1].online)
        await server.tell()  # the broker keeps it meanwhile
        await until(lambda: server.states[-1].online)
        await until(lambda: "p1-0 finished" in server.stages())


async def test_state_is_retained_over_a_restart_of_the_broker(mosquito: Mosquitto) -> None:
    horn = box(mosquito)
    async with house(mosquito, horn) as server:
        await until(lambda: server.states)
        session = server.states[-1].session
    await asyncio.to_thread(mosquito.stop)
    await asyncio.to_thread(mosquito.start)
    async with house(mosquito) as later:
        await until(lambda: later.states)
        assert later.retained[0]
        assert later.states[0].session == session


async def test_a_terminal_that_is_killed_is_told_dead_by_its_will(mosquito: Mosquitto) -> None:
    script = (
        "import asyncio, sys\n"
        "from lastmile.alerting.channels.mqtt.box import Box\n"
        "from lastmile.alerting.channels.mqtt.broker import Broker\n"
        "asyncio.run(Box(sys.argv[1], sys.argv[2], Broker(sys.argv[3]), beat=0.3).run())\n"
    )
    command = [sys.executable, "-c", script, CODE, KEY, mosquito.broker.url]
    async with house(mosquito) as server:
        process = subprocess.Popen(command, env={**os.environ})
        try:
            await until(lambda: server.states and server.states[-1].online, 30)
            process.send_signal(signal.SIGKILL)
            await until(lambda: not server.states[-1].online)
        finally:
            process.kill()
            process.wait()


async def test_tls_with_an_own_authority_lets_in_whom_it_has_signed_and_nobody_else(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path), Authority(tmp_path, "stranger")
    with mosquitto(tmp_path / "broker", tls=ours) as safe:
        horn = Box(CODE, KEY, safe.broker, speaks=True, speed=50.0, beat=0.3)
        async with house(safe, horn) as server:
            await server.tell()
            await until(lambda: "p1-0 finished" in server.stages())
        assert (await MqttChannel(safe.broker).health()).ok
        certificate, key = theirs.files("server")
        for wrong in (
            safe.broker.as_stranger(),
            replace(safe.broker, certificate=str(certificate), key=str(key)),
            replace(safe.broker, ca=str(theirs.file)),
        ):
            found = await MqttChannel(wrong).health()
            assert not found.ok
            assert "\n" not in found.says


async def test_health_of_a_broker_that_is_not_there_is_a_sentence(mosquito: Mosquitto) -> None:
    assert (await MqttChannel(mosquito.broker).health()).ok
    mosquito.stop()
    found = await MqttChannel(mosquito.broker).health()
    assert not found.ok
    assert found.says


def test_a_state_and_a_report_are_read_and_odd_ones_refused() -> None:
    report = {"id": "p12-3", "stage": "finished", "at": 5, "seconds": 7}
    found = protocol.read("report", orjson.dumps(report))
    assert isinstance(found, Report)
    assert (found.play, found.serial, found.seconds) == (12, 3, 7.0)
    for wrong in (
        {"id": "x"},
        {"stage": "sang"},
        {"at": -1},
        {"at": True},
        {"seconds": -1},
        {"seconds": "long"},
        {"reason": 4},
    ):
        with pytest.raises(protocol.BadMessage):
            protocol.read("report", orjson.dumps({**report, **wrong}))
    for body in (b"", b"[]", b"{", b"\xff", b"1" * 30_000):
        with pytest.raises(protocol.BadMessage):
            protocol.read("state", body)
    for topic in ("lastmile/1/a/b/state", "lastmile/1/x/state", "lastmile/1/WZD-01/command", ""):
        with pytest.raises(protocol.BadMessage):
            protocol.whose(topic)


@pytest.mark.parametrize("expires", [0, 1, 21_600, 2**32 - 1])
def test_a_signature_is_written_as_paho_would_write_it(expires: int) -> None:
    told: Any = signed(KEY, "lastmile/1/X/command", b"body", expires=expires)
    assert packed(protocol.sign(KEY, "lastmile/1/X/command", b"body"), expires) == told.pack()
