"""Both ends of a link in one database: the city as the side below sees it, the county as the side above sees it.

Nothing of this is a stand-in but the wire: what one end sends is handed to the other end's address by Django's own
client, so that requests can be lost, answers can be lost, and what was sent can be sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from lastmile.alerting import coverage
from lastmile.alerting.cap.compose import compose
from lastmile.alerting.deployments import pairing, sending, wire, writing
from lastmile.alerting.deployments.sending import Asked, Got
from lastmile.alerting.models import AlertEvent, Deployment, Fact, Manifest, Relayed
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.sources import store
from lastmile.alerting.sources.reading import read_messages
from lastmile.alerting.tests.conftest import COUNTY, Desk
from lastmile.kernel import clock
from tests.world import World

ELSEWHERE = "410182108"  # nobody lives there: the city's own list stays empty
AWAY = Got(0, error="https://city.example can't be reached: cut")


@dataclass
class Line:
    """`up` and `answers` say whether requests and answers get through; `sent` is all that was tried."""

    up: bool = True
    answers: bool = True
    sent: list[Asked] = field(default_factory=list)

    def exchange(self, asked: list[Asked]) -> list[Got]:
        self.sent += asked
        return [self.one(each) for each in asked]

    def one(self, asked: Asked) -> Got:
        if not self.up:
            return AWAY
        got = self.post(urlsplit(asked.url).path, asked.body, asked.headers[wire.SIGNATURE])
        return got if self.answers else AWAY

    def post(self, path: str, body: bytes, signature: str) -> Got:
        answer = Client().post(path, body, content_type="application/json", headers={"x-lastmile-signature": signature})
        return Got(answer.status_code, answer.content, answer.headers.get(wire.SIGNATURE, ""))


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen():
        yield World.build()


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line()
    monkeypatch.setattr(sending, "exchange", made.exchange)
    return made


@dataclass
class Pair:
    """The city `above` and the county `below`, with one warning that the county passes on."""

    world: World
    line: Line
    city: AlertEvent
    county: AlertEvent

    @property
    def above(self) -> Deployment:
        """As the county has it."""
        return Deployment.objects.get(side="above", uid=self.below.uid)

    @property
    def below(self) -> Deployment:
        """As the city has it."""
        return Deployment.objects.get(side="below")

    def live(self, **forward: float) -> None:
        clock.forward(**(forward or {"seconds": 10}))
        while coverage.fold():
            pass
        writing.tick()
        sending.tick()

    def answers(self, number: int, fact: Fact = Fact.CONFIRMED) -> None:
        person = self.world.residents[number].pk
        append([NewReceipt(f"a{number}:{fact}", self.county.pk, person, fact, "link", clock.now())])


@pytest.fixture
def paired(world: World, line: Line) -> Deployment:
    """The link as the city has it."""
    place = world.places[COUNTY]
    _link, code = pairing.invite(world.system, place, name="荥阳市")
    pairing.join(world.system, place, url="https://city.example/", code=code, name="郑州市")
    sending.tick()
    return Deployment.objects.get(side="below")


@pytest.fixture
def pair(world: World, line: Line, paired: Deployment) -> Pair:
    desk = Desk(world)
    city = desk.issued(channels=["web"], audience={"places": [ELSEWHERE], "groups": ["residents"]})
    county = desk.issued(channels=["sms", "web"])
    source = Deployment.objects.get(side="above").sources.get()
    [received] = store.take_in(source, read_messages(compose(city.frozen), []))
    Relayed.objects.create(alert=county.alert, received=received)
    Manifest.objects.filter(event=county).update(due_at=None)
    return Pair(world, line, city, county)


def rows(link: Deployment, model: Any) -> list[tuple[Any, ...]]:
    """What was said on a link, without whose key and number it has."""
    left_out = {"id", "link", "number"}
    names = [one.name for one in model._meta.fields if one.name not in left_out]
    return sorted(model.objects.filter(link=link).values_list(*names), key=str)
