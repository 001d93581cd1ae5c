from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lastmile.alerting.cap.model import Alert
from lastmile.alerting.models import Received, Source
from lastmile.alerting.sources import store
from lastmile.alerting.sources.reading import read_messages
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.trust import anchors_of
from lastmile.kernel import clock
from tests.world import World

Bring = Callable[..., list[Received]]


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen():
        yield World.build()


@pytest.fixture
def source(world: World) -> Source:
    return samples.source()


@pytest.fixture
def bring(source: Source) -> Bring:
    """Messages come in from the source, one after the other."""

    def bring(*alerts: Alert, signed: bool = True, by: Source | None = None, **_more: Any) -> list[Received]:
        made = []
        for alert in alerts:
            of = by or source
            made += store.take_in(of, read_messages(samples.xml(alert, signed=signed), anchors_of(of)))
        return made

    return bring
