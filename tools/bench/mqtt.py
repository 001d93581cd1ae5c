"""Loudspeakers: commands through our code against bare aiomqtt, both at the same Mosquitto, one connection each."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt

from lastmile.alerting.channels.mqtt.broker import publish
from lastmile.alerting.channels.mqtt.protocol import Stage, command_id
from lastmile.alerting.channels.tests.mosquitto import Mosquitto, mosquitto
from lastmile.alerting.models import Play, PlayKind, PlayReport, PlayState
from lastmile.alerting.terminals import hearing, sending
from lastmile.alerting.terminals.hearing import Heard
from lastmile.alerting.terminals.tests.horns import report
from lastmile.community.org.models import Level, Place, Terminal
from lastmile.kernel import clock
from tools.bench.results import Board

TERMINALS = 3_000
WINDOW = sending.MOST
TEXT = "荥阳市发布暴雨红色预警。立即离开河沟，到村委会高处集合。不要回家取东西。"


def settle() -> None:
    """A terminal in each village, that reads text by itself."""
    villages = Place.objects.current().at(Level.VILLAGE).order_by("code")[:TERMINALS]
    have = set(Terminal.objects.values_list("code", flat=True))
    Terminal.objects.bulk_create(
        Terminal(code=f"B-{place.code}", place=place, kind="loudspeaker", plays=False, speaks=True)
        for place in villages
        if f"B-{place.code}" not in have
    )


def measure(board: Board) -> None:
    with tempfile.TemporaryDirectory() as folder, mosquitto(Path(folder)) as broker:
        _open()
        orders = sending.due()
        bare = asyncio.run(_bare(broker, [(one.topic, one.body) for one in orders] * 10))
        signed = asyncio.run(_signed(broker, orders * 10))
        _open()
        whole, count = asyncio.run(_whole(broker))
    board.add("  raw: bare aiomqtt, QoS 1", bare, "messages/s")
    board.add("signed, with expiry", signed, "messages/s")
    board.add("  against the bare client", signed / bare, "×", ">= 0.7")
    board.add(f"from due rows to the broker, {count:,} terminals", whole, "messages/s")
    board.add("reports written down", _reports(), "reports/s")


def _open() -> None:
    Play.objects.all().delete()
    now = clock.now()
    rows = Terminal.objects.filter(code__startswith="B-")
    facts: dict[str, Any] = {"kind": PlayKind.TEST, "priority": 9, "text": TEXT, "opened_at": now, "due_at": now}
    Play.objects.bulk_create(
        Play(terminal=row, place=row.place_id, until=now + timedelta(hours=6), **facts) for row in rows
    )


async def _bare(broker: Mosquitto, messages: list[tuple[str, bytes]]) -> float:
    async with broker.broker.client(secrets.token_hex(4)) as client:
        began = time.perf_counter()
        for at in range(0, len(messages), WINDOW):
            await asyncio.gather(*(client.publish(t, b, qos=1) for t, b in messages[at : at + WINDOW]))
        return len(messages) / (time.perf_counter() - began)


async def _signed(broker: Mosquitto, orders: list[sending.Order]) -> float:
    async with broker.broker.client(secrets.token_hex(4)) as client:
        began = time.perf_counter()
        await _all(client, orders)
        return len(orders) / (time.perf_counter() - began)


async def _all(client: aiomqtt.Client, orders: list[sending.Order]) -> None:
    for at in range(0, len(orders), WINDOW):
        part = orders[at : at + WINDOW]
        await asyncio.gather(*(publish(client, o.key, o.topic, o.body, expires=o.expires) for o in part))


async def _whole(broker: Mosquitto) -> tuple[float, int]:
    count = 0
    async with broker.broker.client(secrets.token_hex(4)) as client:
        began = time.perf_counter()
        while orders := await asyncio.to_thread(sending.due):
            await _all(client, orders)
            count += len(orders)
        return count / (time.perf_counter() - began), count


def _reports() -> float:
    rows = list(Play.objects.select_related("terminal"))
    heard: list[Heard] = []
    for row in rows:
        name = command_id(row.pk, row.serial)
        heard += [report(row.terminal, name, Stage.STARTED), report(row.terminal, name, Stage.FINISHED, 30.0)]
    began = time.perf_counter()
    for at in range(0, len(heard), WINDOW):
        hearing.take(heard[at : at + WINDOW])
    took = time.perf_counter() - began
    if Play.objects.filter(state=PlayState.PLAYED).count() != len(rows) or PlayReport.objects.count() != len(heard):
        raise SystemExit("not every report was written down")
    return len(heard) / took
