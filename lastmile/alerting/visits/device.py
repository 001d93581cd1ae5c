"""What a phone may keep of a round while it has no network, and the key that seals it there."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.conf import settings

from lastmile.alerting import door_codes, queries
from lastmile.alerting.models import AlertEvent, Visit
from lastmile.alerting.visits import listing, owing
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.community.people import queries as people
from lastmile.duties import actions
from lastmile.duties import queries as duties
from lastmile.duties.models import Obligation, State
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict


def key(user: User) -> tuple[str, str]:
    """(32 bytes in base64, a name for them): the same for one log-in until its password changes, and nobody else's.

    The device imports it so that no script can read it out, and gets it only in a session: who is blocked gets none.
    """
    material = f"{user.pk}:{user.password}".encode()
    made = hmac.new(f"visits:{settings.SECRET_KEY}".encode(), material, hashlib.sha256).digest()
    return base64.b64encode(made).decode(), hashlib.sha256(made).hexdigest()[:12]


def sheet(user: User, event: AlertEvent, place: Place, known: list[int]) -> dict[str, Any]:
    """The doors of a grid as they stand; who lives behind them only where the device does not know it yet."""
    over = event.closed_at is not None
    found = [] if over else listing.doors(event, place.code)
    coded = door_codes.of(event, [door.home for door in found])
    left = [door.home.pk for door in found if door.visit.closed_at is None]
    new = sorted({*left} - {*known})
    inside = listing.opened(user, event, place.code, new) if new and people.purpose(user, place.code) else {}
    secret, name = key(user)
    return {
        "user": str(user.pk),
        "at": clock.now(),
        "over": over,
        "newer": _newer(event),
        "ends": event.expires_at,
        "key": secret,
        "key_name": name,
        "doors": [_door(door, str(coded[door.home.pk])) for door in found],
        "inside": [{"id": home, **asdict(one)} for home, one in inside.items()],
    }


def _newer(event: AlertEvent) -> str:
    """The code of the update that replaced it, if there is one in force."""
    return next((one.alert.code for one in queries.after(event.alert) if one.closed_at is None), "")


def _door(door: listing.Door, code: str) -> dict[str, Any]:
    visit: Visit = door.visit
    return {
        "id": door.home.pk,
        "number": door.home.number,
        "code": code,
        "longitude": door.home.longitude,
        "latitude": door.home.latitude,
        "vulnerable": visit.priority > 0,
        "open": visit.closed_at is None,
        "fact": visit.fact,
        "fact_at": visit.fact_at,
        "knocks": visit.knocks,
        "reason": visit.reason,
    }


def taken_on(user: User, event: AlertEvent, place: str) -> None:
    """Whoever loads the doors of a grid is on the way: what is owed there is accepted without another tap."""
    found = Obligation.objects.filter(kind=owing.KIND.name, key=owing.key(event, place), state=State.OPEN).first()
    if found is not None and duties.todo(user).filter(pk=found.pk).exists():
        with suppress(Conflict):  # another phone was faster: somebody is on the way
            actions.accept(user, found)
