"""A day is a day in Beijing: until eight in the morning the date in UTC is still yesterday's."""

from __future__ import annotations

import re
from pathlib import Path

from lastmile.kernel import clock

ROOT = Path(clock.__file__).parents[1]
BY_HAND = re.compile(r"astimezone\([\w.]*BEIJING\)\.date\(\)|now\(\)\.date\(\)|CURRENT_DATE", re.IGNORECASE)


def test_days_are_asked_of_the_clock() -> None:
    sources = [*ROOT.rglob("*.py"), *ROOT.rglob("*.sql")]
    assert len(sources) > 300
    by_hand = [path.relative_to(ROOT).as_posix() for path in sources if BY_HAND.search(path.read_text("utf-8"))]
    assert by_hand == ["kernel/clock.py"]
