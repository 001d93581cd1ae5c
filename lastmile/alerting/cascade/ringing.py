"""What came of telephone calls: a call counts when the whole message was heard and a key was pressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from lastmile.alerting.cascade.calling import WAVE
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.models import Fact
from lastmile.alerting.receipts import NewReceipt, append

KEYS = {
    "1": Fact.CONFIRMED,
    "2": Fact.MOVED,
    "3": Fact.NEEDS_HELP,
    "5": Fact.RELAYED,
    "6": Fact.TAKEN_OVER,
}


class Ended(NamedTuple):
    """One call as the exchange reports it. `result` is heard, missed, busy or cut; `digit` the key that was pressed."""

    key: str
    result: str
    digit: str
    at: datetime


@transaction.atomic
def take(ended: Sequence[Ended]) -> int:
    """Free the lines, write down what came of the calls, append what was answered. How many were new answers."""
    rows = []
    for call in ended:
        try:
            rows.append((call, read_key(call.key)))
        except ValueError:  # not one of ours
            continue
    fetch(
        "rung",
        events=[key.event for _call, key in rows],
        persons=[key.person for _call, key in rows],
        channels=[key.channel for _call, key in rows],
        numbers=[key.wave - WAVE for _call, key in rows],
        results=[call.result[:10] for call, _key in rows],
        at=[call.at for call, _key in rows],
    )
    return append(
        [
            NewReceipt(f"{call.key}:{call.digit}", key.event, key.person, KEYS[call.digit], key.channel, call.at)
            for call, key in rows
            if call.result == "heard" and call.digit in KEYS
        ]
    )
