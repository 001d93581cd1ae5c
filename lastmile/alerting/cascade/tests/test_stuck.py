"""Calls that stand still are found and said; calls that move, or that somebody looks after, are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lastmile.alerting import findings, watchdog
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.tests.telephone import Telephone
from lastmile.alerting.models import AlertEvent, Call, CallAttempt, CallState, Standstill
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.world import World

VILLAGE = "410182109211"


@pytest.fixture
def event(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertEvent]:
    """A warning that went out by web alone; an exchange with lines rings for the calls."""
    settings.CHANNELS = ["web", "voice"]
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: Telephone(lines=60))
    with clock.frozen():
        yield Desk(world).issued(channels=["web"])


def found() -> dict[str, str]:
    """Kind and sentence of what stands still among the calls."""
    watchdog.look()
    rows = Standstill.objects.filter(ended_at=None, kind__startswith="calls")
    return {row.kind: findings.words(row.kind, row.details) for row in rows}


def live(minutes: int) -> None:
    for _half in range(minutes * 2):
        tick.run()
        calling.run()
        clock.forward(seconds=30)


def test_calls_that_are_due_and_that_nobody_moves_are_found(event: AlertEvent) -> None:
    clock.forward(seconds=50)
    assert found() == {}
    clock.forward(seconds=20)
    assert "5 个岗位" in found()["calls due"]
    tick.run()
    assert "calls due" not in found()


def test_a_post_that_is_silent_although_somebody_should_have_gone_is_found(event: AlertEvent) -> None:
    live(minutes=20)
    call = Call.objects.get(place=VILLAGE)
    assert call.state == CallState.DOOR
    assert "calls silent" not in found()
    live(minutes=12)
    assert "calls silent" in found()
    Call.objects.all().update(taken_at=clock.now(), taken_by="崔庙镇值班员")
    assert "calls silent" not in found()
    clock.forward(minutes=16)
    assert "calls silent" in found()  # who took it over has done nothing about it


def test_a_ladder_without_a_door_ends_and_its_silence_is_found_too(event: AlertEvent) -> None:
    Call.objects.exclude(place=VILLAGE).update(state=CallState.DONE, due_at=None)
    Call.objects.filter(place=VILLAGE).update(state=CallState.SUPERIOR, due_at=None, since=clock.now())
    assert found() == {}
    clock.forward(minutes=16)
    assert list(found()) == ["calls silent"]


def test_a_channel_that_rings_and_on_which_no_line_moves_is_found(event: AlertEvent) -> None:
    tick.run()
    clock.forward(seconds=calling.RING.total_seconds() + 10)
    assert "calls waiting" not in found()
    clock.forward(seconds=30)
    assert "voice" not in found()["calls waiting"]  # the channel has a word of its own
    calling.run()
    assert "calls waiting" not in found()


def test_an_exchange_that_never_tells_how_a_call_ended_is_found(event: AlertEvent) -> None:
    tick.run()
    calling.run()
    clock.forward(seconds=calling.RING.total_seconds() - 10)
    assert "calls unreported" not in found()
    clock.forward(seconds=20)
    assert "5" in found()["calls unreported"]
    attempt = CallAttempt.objects.earliest("pk")
    CallAttempt.objects.filter(pk=attempt.pk).update(result="missed", result_at=clock.now())
    assert "calls unreported" not in found()


def test_a_warning_that_is_over_has_no_calls_left_to_move(event: AlertEvent) -> None:
    clock.forward(minutes=3)
    AlertEvent.objects.update(closed_at=clock.now())
    assert found() == {}
