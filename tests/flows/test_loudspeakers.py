"""The day of Wangzongdian again: five red warnings, three loudspeakers on a real broker, one of them silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.mqtt.box import Box
from lastmile.alerting.channels.speech import sound
from lastmile.alerting.channels.tests.mosquitto import Mosquitto, mosquitto
from lastmile.alerting.models import AlertEvent, Play, PlayKind, PlayState
from lastmile.alerting.terminals import audio, hub, owing
from lastmile.alerting.terminals.hub import Hub
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Post, Terminal
from lastmile.community.org.terminals import key_of
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGE, BESIDE = "410182109211", "410182109205"
SPOTS = {"WZD-01": "村委会楼顶", "WZD-02": "小学门口", "WZD-03": "河边"}
WARNINGS = 5
ENOUGH = 60.0


def closed(function: Callable[..., Any], *values: Any, **more: Any) -> Any:
    try:
        return function(*values, **more)
    finally:
        connections.close_all()


async def call(function: Callable[..., Any], *values: Any, **more: Any) -> Any:
    return await sync_to_async(closed, thread_sensitive=False)(function, *values, **more)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(ENOUGH):
        while not await call(true):
            await asyncio.sleep(0.1)


class Village:
    """Its loudspeakers, the broker between, and the desk of the county; the one by the river obeys nothing."""

    def __init__(self, world: World, broker: Mosquitto, folder: Path) -> None:
        self.world, self.desk = world, Desk(world)
        self.post = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.INFORMATION, title="信息员")
        self.boxes = {}
        for code, spot in SPOTS.items():
            facts = {"kind": "loudspeaker", "spot": spot, "post": self.post, "speaks": True}
            Terminal.objects.create(code=code, place_id=VILLAGE, **facts)
            self.boxes[code] = Box(
                code, key_of(code, 1), broker.broker, True, True, speed=60.0, beat=0.5, folder=folder
            )
        self.boxes["WZD-03"].deaf = True
        Terminal.objects.create(code="LC-01", place_id=BESIDE, kind="loudspeaker")

    def warn(self, before: AlertEvent | None, number: int) -> AlertEvent:
        """The first warning, then each as an update of the one before."""
        if before is None:
            times = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(hours=6)}
            return self.desk.issued(channels=["mqtt"], **times)
        return self.desk.follow(before, "update", description=f"第{number}次红色预警，雨还在下。")

    def is_played(self, event: AlertEvent) -> bool:
        rows = Play.objects.filter(event=event, kind=PlayKind.WARNING, state=PlayState.PLAYED)
        return set(rows.values_list("terminal__code", flat=True)) == {"WZD-01", "WZD-02"}


@pytest.fixture
def village(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    monkeypatch.setattr(hub, "LOOK", 0.1)
    with mosquitto(tmp_path / "broker") as broker:
        settings.CHANNELS, settings.MQTT_URL = ["mqtt"], broker.broker.url
        yield Village(World.build(), broker, tmp_path / "heard")


async def recordings(settings: Any) -> web.AppRunner:
    """The door's shelf of recordings, on a port of its own."""

    async def give(request: web.Request) -> web.Response:
        try:
            found = await call(audio.wav, request.match_info["token"])
        except audio.BadAddress:
            return web.Response(status=404)
        return web.Response(body=found, content_type="audio/wav")

    app = web.Application()
    app.router.add_get(audio.PATH + "{token}.wav", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings.PUBLIC_URL = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


async def test_five_red_warnings_are_played_and_the_silent_one_is_named(
    village: Village, settings: Any, tmp_path: Path, client: Client
) -> None:
    runner = await recordings(settings)
    tasks = [asyncio.create_task(box.run()) for box in village.boxes.values()]
    tasks.append(asyncio.create_task(Hub("w", call).run()))
    event: AlertEvent | None = None
    try:
        for number in range(1, WARNINGS + 1):
            event = await call(village.warn, event, number)
            await until(partial(village.is_played, event))
            clock.forward(minutes=2)
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()

    for code in ("WZD-01", "WZD-02"):
        assert len(village.boxes[code].played) == WARNINGS  # each once, though every one was told more than once
        assert village.boxes[code].refused == []
    assert village.boxes["WZD-03"].played == []
    assert event is not None
    await call(look_at, village, event, client)
    if not speech.problem():
        heard(tmp_path / "heard", village.boxes["WZD-01"])


def look_at(village: Village, event: AlertEvent, client: Client) -> None:
    """The page names the silent one on top; its post has it on the to-do; nobody counts as reached."""
    clock.forward(minutes=2)
    owing.tick()
    village.world.login(client, "township")
    page = client.get(f"/alerts/{event.alert.code}/loudspeakers/{VILLAGE}/").content.decode()
    assert page.index("河边") < page.index("村委会楼顶")
    assert not Play.objects.filter(terminal__code="LC-01").exists()
    work = Obligation.objects.get(kind=owing.SILENT.name, closed_at=None)
    assert (work.post_id, "河边" in work.title) == (village.post.pk, True)
    assert Obligation.objects.filter(kind=owing.SILENT.name).count() == 1  # five warnings, one need


def heard(folder: Path, box: Box) -> None:
    """What came out of the first loudspeaker: three times tone and speech, as long as the command said."""
    files = sorted(folder.glob("WZD-01-*.wav"))
    assert len(files) == WARNINGS
    sounds_right(folder, box)


def sounds_right(folder: Path, box: Box) -> None:
    """Tone and speech of every warning that was played, as often and as long as the command said."""
    for command in box.played:
        assert command.audio is not None
        rate, samples = sound.read((folder / f"WZD-01-{command.id}.wav").read_bytes())
        wanted = command.audio.seconds * command.repeats + command.pause * (command.repeats - 1)
        assert len(samples) / rate == pytest.approx(wanted, abs=0.1)
        assert wanted > 30
