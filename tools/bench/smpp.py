"""SMPP: our channel against the bare client of smpp34, both at the same centre (`lastmile smsc`), one bind each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import smpp34
from django.conf import settings

from lastmile.alerting import smpp_desk
from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import Message, What, key
from lastmile.alerting.channels.smpp.desk import Desk, Memory
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.smpp.transport import SmppChannel
from lastmile.alerting.models import SmppPart
from tools.bench.results import Board

COUNT, BATCH, WINDOW, SENDS = 20_000, 500, 50, 4
SHORT = "暴雨红色预警，请立即转移到村委会。"
LONG = SHORT * 8  # three parts
ROUNDS = 3


def settle() -> None:
    SmppPart.objects.all().delete()


def measure(board: Board) -> None:
    with centre() as port:
        bare = max(asyncio.run(_bare(port, n)) for n in range(ROUNDS))
        channel = max(asyncio.run(_ours(port, Memory(), SHORT, n)) for n in range(ROUNDS))
        desk = smpp_desk.House()
        kept = max(asyncio.run(_ours(port, desk, SHORT, ROUNDS + n)) for n in range(ROUNDS))
        long = asyncio.run(_ours(port, desk, LONG, 2 * ROUNDS))
        desk.close()
    board.add("  raw: bare client of smpp34, window 50", bare, "messages/s")
    board.add("channel smpp without a house behind it", channel, "messages/s")
    board.add("channel smpp against the bare client", channel / bare, "×", ">= 0.7")
    board.add("channel smpp, every part written down", kept, "messages/s")
    board.add("  against the bare client", kept / bare, "×", ">= 0.7")
    board.add("channel smpp, long texts of three parts, every part written down", long, "messages/s")


@contextlib.contextmanager
def centre() -> Iterator[int]:
    """A centre in a process of its own that reports nothing meanwhile."""
    with socket.socket() as probe, socket.socket() as other:
        probe.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, page = probe.getsockname()[1], other.getsockname()[1]
    command = [sys.executable, "-m", "lastmile", "smsc", "--port", str(port), "--page", str(page), "--delay", "3600"]
    process = subprocess.Popen(command, env=os.environ, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
    try:
        for _turn in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def _bare(port: int, turn: int) -> float:
    client = smpp34.Client("127.0.0.1", port, "lastmile", "secret", window_size=WINDOW)
    smsc = await client.connect()
    numbers = iter(range(COUNT))
    text = SHORT.encode("utf-16-be")

    async def one() -> None:
        for n in numbers:
            done = await smsc.submit_sm(
                f"8610{turn}{n:07d}",
                text,
                dest_addr_ton=1,
                dest_addr_npi=1,
                registered_delivery=1,
                data_coding=8,
            )
            if not done.is_success and done.command_status != pdu.BAD_NUMBER:  # some invented numbers do not exist
                raise SystemExit(f"the bare client was answered {done.command_status}")

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(WINDOW)))
    pace = COUNT / (time.perf_counter() - began)
    await smsc.unbind()
    return pace


async def _ours(port: int, desk: Desk, text: str, turn: int) -> float:
    channel = SmppChannel(Options("127.0.0.1", port, "lastmile", "secret", window=WINDOW), desk=desk)
    batch = [Message(key(turn, n, "smpp", 0), n, f"+8610{turn}{n:07d}", text) for n in range(1, COUNT + 1)]
    free = asyncio.Semaphore(SENDS)

    async def send(some: Sequence[Message]) -> None:
        async with free:
            if not {one.what for one in await channel.send(some)} <= {What.ACCEPTED, What.REFUSED}:
                raise SystemExit("the channel did not hand over everything")

    await channel.open()
    began = time.perf_counter()
    await asyncio.gather(*(send(batch[at : at + BATCH]) for at in range(0, COUNT, BATCH)))
    pace = COUNT / (time.perf_counter() - began)
    await channel.close()
    return pace
