"""The only source of time. Tests forward it; nothing else may ask the operating system.

A rehearsal may live at another time: `LASTMILE_CLOCK_OFFSET` (seconds) moves the clock of a whole process, and every
process of the rehearsal is given the same.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BEIJING: Final = ZoneInfo("Asia/Shanghai")

_offset: timedelta = timedelta(seconds=float(os.environ.get("LASTMILE_CLOCK_OFFSET") or 0))
_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return (_frozen or datetime.now(UTC)) + _offset


def today() -> date:
    """The date in Beijing at this moment; every day of the product is a day there."""
    return day_of(now())


def day_of(at: datetime) -> date:
    """The date in Beijing at a moment."""
    return at.astimezone(BEIJING).date()


def forward(**delta: float) -> datetime:
    """Move the clock forward (keywords of timedelta) and return the new now. For tests and drills."""
    global _offset
    _offset += timedelta(**delta)
    return now()


@contextlib.contextmanager
def frozen(at: datetime | None = None) -> Iterator[None]:
    """Stop the clock at `at` (default: now) inside the block; `forward` still moves it."""
    global _frozen, _offset
    before = (_frozen, _offset)
    _frozen, _offset = (at or now()), timedelta(0)
    try:
        yield
    finally:
        _frozen, _offset = before
