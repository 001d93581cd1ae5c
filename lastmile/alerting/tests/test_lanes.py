"""Channels beside each other in one worker: one that is sick holds up no other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.models import AlertEvent, Manifest, Rest, Sent
from lastmile.alerting.tests.test_dispatch import Gateway, a_warning, answer, told, work
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World.build()


class Silent(Gateway):
    """Takes a batch and answers when it is let go."""

    def __init__(self, name: str, **can: Any) -> None:
        super().__init__(name=name, **can)
        self.taken = 0
        self.let_go = False

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        self.taken += 1
        while not self.let_go:
            await asyncio.sleep(0.01)
        return await super().send(batch)


def on(channel: str) -> AlertEvent:
    """A red warning whose people are all told on this channel."""
    event = a_warning(colour=1)
    Manifest.objects.filter(event=event).update(channel=channel)
    return event


@pytest.mark.usefixtures("world")
def test_a_channel_is_done_while_others_refuse_and_say_nothing() -> None:
    """No call of the silent one ends, and the dead one rests, until everybody of the healthy one is settled."""
    healthy, silent = a_warning(colour=4), on("silent")  # what the others owe is more urgent
    on("dead")
    dead = Gateway(*[answer(What.RETRY, "no connection")] * 50, name="dead", batch=1, in_flight=8)
    hangs = Silent("silent", batch=1, in_flight=8)
    seen: list[Counter[Sent]] = []

    def done() -> bool:
        settled = not Manifest.objects.filter(event=healthy).exclude(due_at=None).exists()
        if hangs.taken == 8 and Rest.objects.filter(channel="dead").exists() and settled and not seen:
            seen.append(told(silent))
            hangs.let_go = True
        return bool(seen)

    work(Gateway(batch=1, in_flight=1), dead, hangs, until=done)
    assert told(healthy) == {Sent.ACCEPTED: 12}
    assert seen[0][Sent.ACCEPTED] == 0
