"""What the dictionary of facts learns from warnings."""

from __future__ import annotations

import pytest

from lastmile.alerting import coverage, receipts
from lastmile.alerting.known import last_confirmed, last_told, warnings
from lastmile.alerting.models import Fact, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, OTHER = "410182109211", "410182109205"


def test_warnings_of_the_year_and_who_confirmed_the_last_one_are_counted() -> None:
    world = World.build()
    assert warnings([VILLAGE, OTHER]) == {VILLAGE: 0, OTHER: 0}
    assert last_told([VILLAGE]) == {}
    for confirmed in (3, 1):
        event = make_event(world)
        listed(event, world.residents, state=Sent.ACCEPTED)
        said = [
            receipts.NewReceipt(f"{event.pk}-{one.pk}", event.pk, one.pk, Fact.CONFIRMED, "link", event.sent_at)
            for one in world.residents[:confirmed]
        ]
        receipts.append(said)
        coverage.fold()
    assert warnings([VILLAGE, OTHER]) == {VILLAGE: 2, OTHER: 0}
    assert last_told([VILLAGE]) == {VILLAGE: 12}
    assert last_confirmed([VILLAGE]) == {VILLAGE: 1}
    clock.forward(days=366)
    assert warnings(["410182"]) == {"410182": 0}
