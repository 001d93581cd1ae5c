"""The worker's connection against a real Mosquitto: told, played, reported; the broker away, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from lastmile.alerting.channels.mqtt.box import Box
from lastmile.alerting.channels.tests.mosquitto import Mosquitto, mosquitto
from lastmile.alerting.models import Play, PlayKind, PlayReport, PlayState, TerminalHub, TerminalState
from lastmile.alerting.terminals import hub as hubs
from lastmile.alerting.terminals import lease
from lastmile.alerting.terminals.hub import Hub
from lastmile.alerting.terminals.opening import stop
from lastmile.alerting.terminals.tests.horns import horn
from lastmile.community.org.models import Terminal
from lastmile.community.org.terminals import key_of
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ENOUGH = 20.0


@pytest.fixture
def mosquito(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mosquitto]:
    monkeypatch.setattr(hubs, "IDLE", 0.2)
    monkeypatch.setattr(hubs, "LOOK", 0.1)
    World.build(people=False)
    with mosquitto(tmp_path / "broker") as found:
        settings.CHANNELS, settings.SPEECH, settings.MQTT_URL = ["mqtt"], "none", found.broker.url
        yield found


def fresh(function: Callable[..., Any], *values: Any, **more: Any) -> Any:
    try:
        return function(*values, **more)
    finally:
        connections.close_all()


async def call(function: Callable[..., Any], *values: Any, **more: Any) -> Any:
    return await sync_to_async(fresh, thread_sensitive=False)(function, *values, **more)


def row(terminal: Terminal, **more: Any) -> Play:
    now = clock.now()
    facts: dict[str, Any] = {"terminal": terminal, "place": terminal.place_id, "kind": PlayKind.TEST, "priority": 9}
    facts |= {"text": "这是应急广播测试", "opened_at": now, "until": now + timedelta(hours=1), "due_at": now}
    return Play.objects.create(**{**facts, **more})


def box(broker: Mosquitto, terminal: Terminal, **more: Any) -> Box:
    key = key_of(terminal.code, terminal.key_version)
    return Box(terminal.code, key, broker.broker, **{"speaks": True, "speed": 50.0, "beat": 0.3, **more})


@asynccontextmanager
async def running(*parts: Hub | Box) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], object], seconds: float = ENOUGH) -> None:
    async with asyncio.timeout(seconds):
        while not await call(true):
            await asyncio.sleep(0.05)


async def test_what_is_due_is_played_and_what_is_played_is_written_down(mosquito: Mosquitto) -> None:
    terminal = await call(horn)
    made = await call(row, terminal)
    async with running(Hub("one", call), box(mosquito, terminal)):
        await until(lambda: Play.objects.get(pk=made.pk).state == PlayState.PLAYED)
        await until(lambda: TerminalState.objects.filter(online=True).exists())
    found = await call(Play.objects.get, pk=made.pk)
    assert (found.rounds, found.seconds) == (1, 2.0)
    assert await call(PlayReport.objects.count) == 2


async def test_a_broker_that_is_away_for_ten_minutes_leaves_everything_complete(mosquito: Mosquitto) -> None:
    """Five terminals; the broker is stopped, warnings go on being written, and it comes back with nothing kept."""
    horns = [await call(horn, f"WZD-{n:02}") for n in range(5)]
    boxes = [box(mosquito, one) for one in horns]
    async with running(Hub("one", call), *boxes):
        await until(lambda: TerminalState.objects.filter(online=True).count() == 5)
        await asyncio.to_thread(mosquito.stop)
        made = [await call(row, one) for one in horns]
        await asyncio.sleep(1.0)
        clock.forward(minutes=10)
        assert await call(Play.objects.filter(state=PlayState.PLAYED).count) == 0
        assert (await call(TerminalHub.objects.get)).error
        for kept in mosquito.folder.glob("*.db"):
            kept.unlink()
        await asyncio.to_thread(mosquito.start)
        await until(lambda: Play.objects.filter(pk__in=[one.pk for one in made], state=PlayState.PLAYED).count() == 5)
    assert [len(one.played) for one in boxes] == [1] * 5
    assert await call(PlayReport.objects.count) == 10


async def test_two_workers_speak_with_one_voice_and_the_second_takes_over(mosquito: Mosquitto) -> None:
    terminal = await call(horn)
    first, second, device = Hub("one", call), Hub("two", call), box(mosquito, terminal)
    async with running(second, device):
        async with running(first):
            await until(lambda: TerminalHub.objects.filter(connected_at__isnull=False).exists())
            await asyncio.sleep(0.5)
            assert not (first.connected.is_set() and second.connected.is_set())
            made = await call(row, terminal)
            await until(lambda: Play.objects.get(pk=made.pk).state == PlayState.PLAYED)
        again = await call(row, terminal)
        await until(lambda: Play.objects.get(pk=again.pk).state == PlayState.PLAYED)
    assert len(device.played) == 2


async def test_a_stop_silences_what_plays(mosquito: Mosquitto) -> None:
    terminal = await call(horn)
    device = box(mosquito, terminal, speed=1.0)
    made = await call(row, terminal)
    async with running(Hub("one", call), device):
        await until(lambda: device.playing)
        await call(Play.objects.filter(pk=made.pk).update, state=PlayState.STOPPED, due_at=None)
        await call(stop(terminal, event=None).save)
        await until(lambda: not device.playing)
        await until(lambda: Play.objects.get(kind=PlayKind.STOP).state == PlayState.PLAYED)
    assert device.played == []


async def test_states_that_were_retained_while_nobody_listened_are_read(mosquito: Mosquitto) -> None:
    terminal = await call(horn)
    async with running(box(mosquito, terminal)):
        await asyncio.sleep(1.0)
    async with running(Hub("one", call)):
        await until(TerminalState.objects.exists)


def test_a_lease_is_held_by_one_and_free_when_it_is_not_renewed(mosquito: Mosquitto) -> None:
    assert lease.take("one")
    assert not lease.take("two")
    clock.forward(seconds=5)
    assert lease.take("one")
    clock.forward(seconds=9)
    assert lease.take("two")
    assert not lease.take("one")
    lease.give_up("two")
    assert lease.take("one")
    assert mosquito
