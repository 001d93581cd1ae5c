"""Children start together, come back after a crash, and leave nobody behind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from lastmile.site.children import Child, Family


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(true: Callable[[], bool]) -> bool:
    """Wait for another process, at most 10 seconds."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_it_passes_on_what_a_child_says_with_its_name() -> None:
    said: list[tuple[str, str]] = []
    family = Family([Child("web", python("print('ready')"))], show=lambda name, line: said.append((name, line)))
    family.start()
    assert until(lambda: ("web", "ready") in said)
    family.stop()


def test_a_crashed_child_comes_back() -> None:
    family = Family([Child("worker", python("raise SystemExit(3)"))], show=lambda *_line: None)
    child = family.children[0]
    family.start()
    assert until(lambda: not child.alive)
    family.watch()
    assert child.restart_at is not None
    child.restart_at = 0.0
    first = child.process
    family.watch()
    assert child.process is not first
    family.stop()


def test_a_child_that_ended_by_itself_stays_away() -> None:
    family = Family([Child("once", python("pass"))], show=lambda *_line: None)
    child = family.children[0]
    family.start()
    assert until(lambda: not child.alive)
    family.watch()
    family.watch()
    assert child.crashes == 0
    assert not child.alive


def test_stopping_leaves_nobody_behind() -> None:
    family = Family([Child("long", python("import time; time.sleep(60)"))], show=lambda *_line: None)
    family.start()
    family.stop()
    assert not family.children[0].alive
