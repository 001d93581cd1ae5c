"""What can wait leaves the database to messages that go out, but not for ever."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from lastmile.alerting import worker


def test_what_can_wait_waits_until_everybody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.0)
    answers = iter([True, True, False])
    asyncio.run(worker.quiet(lambda: next(answers)))
    assert list(answers) == []


def test_a_slow_gateway_puts_nothing_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.001)
    monkeypatch.setattr(worker, "PUT_OFF", 0.01)
    looks = itertools.count()
    asyncio.run(worker.quiet(lambda: next(looks) >= 0))
    assert next(looks) > 0


def test_counting_the_gaps_of_a_city_waits_and_moving_a_warning_does_not() -> None:
    waits = {duty.name for duty in worker.duties() if duty.waits}
    assert "gaps" in waits
    assert waits.isdisjoint({"fold", "cascade", "calls", "neighbours", "visits", "expire", "watchdog", "fallback"})
