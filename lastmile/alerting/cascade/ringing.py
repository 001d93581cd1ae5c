"""What came of the cascade's telephone calls: their lines are free, and it stands in the evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from lastmile.alerting.cascade.calling import WAVE
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels.contract import key, read_key
from lastmile.kernel import clock

SILENT = timedelta(seconds=60)  # after that a gateway that has reported nothing is asked
FORGOTTEN = timedelta(minutes=30)  # then the cascade has rung again, or somebody has gone there
AT_ONCE = 1_000


class Ended(NamedTuple):
    """One call as it ended. `result` is heard (with a key), nokey, cut, missed, busy, invalid or failed."""

    key: str
    result: str
    at: datetime


def take(ended: Sequence[Ended]) -> None:
    """Write down what came of calls. Of two reports the first stands, unless the later one says that more was heard."""
    rows = [(call, read_key(call.key)) for call in ended]
    fetch(
        "rung",
        events=[key.event for _call, key in rows],
        persons=[key.person for _call, key in rows],
        channels=[key.channel for _call, key in rows],
        numbers=[key.wave - WAVE for _call, key in rows],
        results=[call.result for call, _key in rows],
        at=[call.at for call, _key in rows],
    )


def unreported(channel: str) -> dict[int, list[str]]:
    """By account the keys of calls that its gateway took and has not told the end of, though most are over by now."""
    now = clock.now()
    rows = fetch("unreported", channel=channel, since=now - FORGOTTEN, until=now - SILENT, limit=AT_ONCE)
    found: dict[int, list[str]] = defaultdict(list)
    for account, event, person, number in rows:
        found[account].append(key(event, person, channel, WAVE + number))
    return found
