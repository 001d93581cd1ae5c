"""By whose account each place's messages and calls leave: one lane for each account, beside the installation's own.

Read every few seconds, never for a batch or a person: a lane claims what lies under its place and not under a nearer
account's. So an account that stands still holds up nobody else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from lastmile.alerting import senders
from lastmile.alerting.channels.contract import Installed
from lastmile.alerting.channels.shapes import BadShape
from lastmile.kernel.fields import Sealed

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds until a change of the accounts counts
READ = "SELECT id, channel, kind, place_id, settings, changed_at FROM alerting_channelaccount WHERE enabled ORDER BY id"


class Scope(NamedTuple):
    """What a lane of a channel claims: `inside` and `outside` are patterns of place codes."""

    account: int = 0
    inside: str = "%"
    outside: Sequence[str] = ()


EVERYWHERE = Scope()


class Route(NamedTuple):
    account: int
    channel: str
    kind: str
    place: str
    settings: bytes  # sealed
    changed_at: datetime

    @property
    def version(self) -> tuple[Any, ...]:
        return self.account, self.channel, self.kind, self.place, self.changed_at


def route(row: Sequence[Any]) -> Route:
    """A row of READ."""
    number, channel, kind, place, sealed, changed_at = row
    return Route(number, channel, kind, place, bytes(sealed or b""), changed_at)


def current() -> list[Route]:
    """The accounts that are switched on, as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return [route(row) for row in cursor.fetchall()]


def nearest(routes: Sequence[Route], channel: str, place: str) -> Route | None:
    """By whose account one message to somebody there leaves; None: by the installation's own settings."""
    near = [one for one in routes if one.channel == channel and place.startswith(one.place)]
    return max(near, key=lambda one: len(one.place), default=None)


def scope(account: int, inside: str, channel: str, routes: Sequence[Route]) -> Scope:
    """What a lane claims: its place without those of nearer accounts."""
    nearer = [
        route.place
        for route in routes
        if route.channel == channel and route.account != account and route.place.startswith(inside)
    ]
    return Scope(account, f"{inside}%", [f"{place}%" for place in nearer])


def made(route: Route) -> Installed | None:
    """None for settings that can't be opened or understood: the account's messages wait, and the log says why."""
    try:
        values = json.loads(Sealed(route.settings, b"channel.account").reveal())
        return senders.make(route.kind, values, route.account)
    except (BadShape, ValueError, KeyError) as error:
        log.error("account %s can't be used: %s", route.account, type(error).__name__)
        return None
