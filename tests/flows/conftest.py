"""What several flows need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lastmile.alerting.channels import registry
from lastmile.alerting.channels.fake import transport
from tests.flows.city import City
from tests.flows.workers import Workers
from tests.world import World


@pytest.fixture
def workers_of() -> Iterator[Callable[[dict[str, str]], Workers]]:
    made: list[Workers] = []

    def make(environment: dict[str, str]) -> Workers:
        made.append(Workers(environment))
        return made[-1]

    yield make
    for workers in made:
        workers.end()


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch, settings: Any) -> transport.FakeChannel:
    """One network of invented phones that write, in service alone."""
    made = transport.FakeChannel()
    settings.CHANNELS = ["fake"]
    monkeypatch.setitem(registry.MAKERS, "fake", lambda: made)
    return made


@pytest.fixture
def city(db: None, phones: transport.FakeChannel) -> City:
    return City(World.build(), phones)
