"""叫应 with workers that die at every step: the story ends as if nothing had happened."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from lastmile.alerting.cascade import calling, doors, hearing
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.models import Call, CallEntry, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.flows.city import LEVELS, VILLAGE, City

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """The power of the worker's host failed."""


STEPS = (
    (doors, "open_for"),  # calls have moved, and who must go is not written down yet
    (doors, "close_for"),  # an answer is counted, a warning is over, and the door still stands open
    (hearing, "fetch"),  # an answer is being heard
    (calling, "_messages"),  # calls are claimed and not sent
    (calling, "_settle"),  # they are sent and nobody has written it down
)


def tell(city: City, live: Callable[..., None]) -> dict[str, Any]:
    """Nobody answers but the village, from the door; then it is over. What everybody got, and what is written."""
    city.event = city.desk.issued(channels=["fake"])
    live(minutes=11, seconds=30)
    key = f"k:{city.event.pk}"
    holder = city.staff(VILLAGE)
    append([NewReceipt(key, city.event.pk, holder.pk, Fact.CONFIRMED, "link", clock.now())])
    live(minutes=1)
    before = city.states()
    over = city.desk.follow(city.event, "lift")
    live(seconds=40)
    rows = CallEntry.objects.filter(call__event=city.event).order_by("call__place", "id")
    return {
        "states": before,
        "written": sorted(rows.values_list("call__place", "what", "role", "channel")),
        "heard": {place: len(city.inbox(city.staff(place))) for place in LEVELS},
        "doors": Obligation.objects.filter(kind="alerting.call_door", closed_at=None).count(),
        "open": Call.objects.filter(event__in=[city.event, over], due_at__isnull=False).count(),
    }


def test_a_worker_killed_at_every_step_again_and_again_changes_nothing(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(), transaction.atomic():
        undisturbed = tell(city, city.live)
        transaction.set_rollback(True)
    assert undisturbed["states"][VILLAGE] == "confirmed"
    assert {"called", "superior", "door", "confirmed", "stopped"} <= {
        what for _place, what, *_rest in undisturbed["written"]
    }
    city.phones.network = Network(city.phones.network.script)
    deaths = Counter[str]()
    for where, name in STEPS:
        monkeypatch.setattr(where, name, mortal(getattr(where, name), name, deaths))
    with clock.frozen():
        assert tell(city, partial(city.live, survive=(Killed,))) == undisturbed
    assert set(deaths) == {name for _where, name in STEPS}
    assert city.phones.network.counts["doubled"] == 0


def mortal(do: Callable[..., Any], name: str, deaths: Counter[str]) -> Callable[..., Any]:
    """`do`, but every third time the worker dies of it."""
    times = itertools.count(1)

    def or_die(*args: Any, **kwargs: Any) -> Any:
        if next(times) % 3 == 0:
            deaths[name] += 1
            raise Killed(name)
        return do(*args, **kwargs)

    return or_die
