"""SMS over HTTP: our channel and dispatch against bare aiohttp, the same messages to the same gateway, by turns.

The bare client does what a program of twenty lines would: it has key, number and text of each message, builds the
bodies, signs them as the protocol demands, and reads from the answers that every message was taken.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from statistics import median
from typing import Any, NamedTuple

import aiohttp
import orjson

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import Message, What
from lastmile.alerting.channels.wire import Json
from tools.bench import sends
from tools.bench.gateway import gateway
from tools.bench.results import Board

RESIDENTS = 100_000
ROUNDS = 5
LEAST = 2.0  # seconds, of each side in each turn
PROVIDER = 0.05  # seconds to answer a batch, as one across the country does
Sender = Callable[[str, list[Json]], Coroutine[Any, Any, float]]
TYPE = {"Content-Type": "application/json"}


def settle() -> None:
    sends.settle(RESIDENTS)


def measure(board: Board) -> None:
    sends.issued()
    bodies = sends.bodies()
    people = sum(len(body["messages"]) for body in bodies)
    board.console.print(f"    {people:,} messages in {len(bodies):,} requests, {sends.VENDOR.in_flight} at once")
    with gateway() as url:
        quick = _by_turns(board, url, bodies, people)
    with gateway(PROVIDER) as url:
        paced = _by_turns(board, url, bodies, people)
    _show(board, "a gateway that answers at once", quick, people, whole="")
    _show(board, f"a gateway that answers in {PROVIDER * 1000:.0f} ms", paced, people, whole=">= 0.7")


class Turn(NamedTuple):
    """Seconds of each for the same messages."""

    bare: float
    channel: float
    whole: float


def _by_turns(board: Board, url: str, bodies: list[Json], people: int) -> list[Turn]:
    """So that all meet the same machine; the first turn warms up and does not count."""
    taken = []
    for _turn in range(ROUNDS + 1):
        bare, channel = (_alike(send, url, bodies) for send in (_bare, _channel))
        taken.append(Turn(bare, channel, sends.dispatched([sends.channel(url)], people)))
        board.console.print("    bare {:.2f} s, channel {:.2f} s, dispatch {:.2f} s".format(*taken[-1]))
    return taken[1:]


def _alike(send: Sender, url: str, bodies: list[Json]) -> float:
    """Seconds for the bodies, sent again until it has taken a while; what a dispatcher has left is cleared away."""
    began, times = time.perf_counter(), 0
    seconds = 0.0
    while time.perf_counter() - began < LEAST:
        gc.collect()
        gc.freeze()
        seconds, times = seconds + asyncio.run(send(url, bodies)), times + 1
        gc.unfreeze()
    return seconds / times


def _show(board: Board, where: str, taken: list[Turn], people: int, *, whole: str) -> None:
    board.add(f"  raw: bare aiohttp, {where}", people / median(turn.bare for turn in taken), "messages/s")
    board.add(f"channel sms, {where}", people / median(turn.channel for turn in taken), "messages/s")
    ratio(board, "  against the bare client", [turn.bare / turn.channel for turn in taken], ">= 0.7")
    board.add(
        f"from the ledger, every step committed, {where}", people / median(turn.whole for turn in taken), "messages/s"
    )
    ratio(board, "  against the bare client", [turn.bare / turn.whole for turn in taken], whole)


def ratio(board: Board, what: str, found: list[float], limit: str) -> None:
    """The middle of the turns, and how far they lie apart."""
    board.add(f"{what} ({len(found)} turns, {min(found):.2f}–{max(found):.2f})", median(found), "×", limit)


async def _bare(url: str, bodies: list[Json]) -> float:
    batches = [[(m["key"], m["to"], m["text"]) for m in body["messages"]] for body in bodies]
    waiting = iter(batches)

    async def one(session: aiohttp.ClientSession) -> None:
        for batch in waiting:
            body = orjson.dumps({"messages": [{"key": key, "to": to, "text": text} for key, to, text in batch]})
            headers = TYPE | signing.signed(sends.SECRET, body, now=time.time())
            async with session.post(url, data=body, headers=headers) as answer:
                results = orjson.loads(await answer.read())["results"]
            status = {one["key"]: one["status"] for one in results}
            if any(status.get(key) != "accepted" for key, _to, _text in batch):
                raise SystemExit("the bare client was not answered for everybody")

    connector = aiohttp.TCPConnector(limit=sends.VENDOR.in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(sends.VENDOR.in_flight)))
        return time.perf_counter() - began


async def _channel(url: str, bodies: list[Json]) -> float:
    channel = sends.channel(url)
    batches = [[Message(m["key"], 0, m["to"], m["text"]) for m in body["messages"]] for body in bodies]
    waiting = iter(batches)

    async def one() -> None:
        for batch in waiting:
            if {outcome.what for outcome in await channel.send(batch)} != {What.ACCEPTED}:
                raise SystemExit("the channel did not hand over everything")

    await channel.open()
    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(sends.VENDOR.in_flight)))
    seconds = time.perf_counter() - began
    await channel.close()
    return seconds
