"""Sick channels beside a healthy one: its send alone, and beside gateways that are dead, silent and slow.

Four gateways by HTTP with the same people on each, handed over by one dispatcher; alone and beside by turns.
"""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

from tools.bench import http, sends
from tools.bench.gateway import dead, gateway, silent
from tools.bench.results import Board

ROUNDS = 5
SICK = ("dead", "silent", "slow")
SLOW = 5.0  # seconds to answer a batch


def settle() -> None:
    sends.settle(http.RESIDENTS)


def measure(board: Board) -> None:
    sends.issued()
    people = sum(len(body["messages"]) for body in sends.bodies())
    for name in SICK:
        sends.copied(name)
    taken: list[tuple[float, float]] = []
    with ExitStack() as stack:
        url, *sick = map(stack.enter_context, (gateway(http.PROVIDER), dead(), silent(), gateway(SLOW)))
        for turn in range(ROUNDS + 1):
            alone = sends.dispatched([sends.channel(url)], people)
            beside = sends.dispatched([sends.channel(url), *map(sends.channel, sick, SICK)], people)
            if turn:  # the first one warms up
                taken.append((alone, beside))
                board.console.print(f"    alone {alone:.2f} s, beside {beside:.2f} s")
    board.add(f"  raw: {people:,} messages by the healthy channel alone", median(one for one, _other in taken), "s")
    board.add("beside a dead, a silent and a slow one", median(other for _one, other in taken), "s")
    http.ratio(board, "  against alone", [beside / alone for alone, beside in taken], "<= 1.15")
