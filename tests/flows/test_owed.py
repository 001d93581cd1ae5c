"""What a warning makes people owe: the approver's decision, and a way to everybody who asks for help."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.alerting import coverage, drafting, receipts
from lastmile.alerting.models import Fact
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts.models import User
from lastmile.duties import queries
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
GRID = "410182109211001"


@pytest.fixture
def desk() -> Desk:
    return Desk(World.build())


def owed(user: User) -> list[str]:
    return [row.kind for row in queries.todo(user)]


def test_an_approval_waits_for_those_who_may_give_it_and_for_nobody_else(desk: Desk, client: Client) -> None:
    world = desk.world
    alert = desk.in_review()
    assert owed(world.approver) == ["alerting.approve"]
    assert owed(world.officer) == owed(world.neighbour) == []
    world.login(client, "approver")
    item = queries.todo(world.approver).get()
    assert client.post(f"/todo/{item.pk}/done/").status_code == 409  # it is done on the warning's page
    assert f"/alerts/{alert.code}/" in client.get("/todo/").content.decode()
    drafting.return_(world.approver, alert, reason="范围太大")
    assert owed(world.approver) == []
    drafting.submit(world.officer, alert)
    assert owed(world.approver) == ["alerting.approve"]
    drafting.approve(world.approver, alert)
    assert owed(world.approver) == owed(world.officer) == ["alerting.issue"]
    assert Obligation.objects.filter(kind="alerting.approve", state="done").count() == 2
    drafting.withdraw(world.officer, alert)
    assert owed(world.officer) == []


def test_a_call_for_help_goes_to_the_grid_and_ends_when_they_are_safe(desk: Desk) -> None:
    world = desk.world
    world.grid.person = world.staff[GRID]
    world.grid.save()
    event = desk.issued()
    resident = world.residents[1].pk

    def answer(fact: Fact, number: int) -> None:
        clock.forward(seconds=5)
        key = f"t:{number}"
        receipts.append([receipts.NewReceipt(key, event.pk, resident, fact, "link", clock.now())])
        coverage.fold()

    answer(Fact.NEEDS_HELP, 1)
    (item,) = queries.todo(world.grid)
    assert (item.kind, item.danger, item.place_id) == ("alerting.help", 4, GRID)
    assert item.latitude == world.households[0].latitude
    assert "李" not in item.title  # no personal data
    answer(Fact.NEEDS_HELP, 2)
    assert queries.todo(world.grid).count() == 1
    answer(Fact.SAFE, 3)
    assert queries.todo(world.grid).count() == 0
    world.village.person = world.staff["410182109211"]
    world.village.save()
    answer(Fact.REFUSED, 4)
    assert owed(world.grid) == []
    assert owed(world.village) == ["alerting.refusal"]  # the grid has heard it; the next level persuades
    answer(Fact.NEEDS_HELP, 5)
    assert owed(world.grid) == ["alerting.help"]
    assert owed(world.village) == []


def test_who_asks_again_after_the_visit_is_owed_again(desk: Desk) -> None:
    from lastmile.duties import actions

    world = desk.world
    world.grid.person = world.staff[GRID]
    world.grid.save()
    event = desk.issued()
    resident = world.residents[0].pk
    for number in (1, 2):
        clock.forward(minutes=5)
        receipts.append([receipts.NewReceipt(f"a:{number}", event.pk, resident, Fact.NEEDS_HELP, "link", clock.now())])
        coverage.fold()
        (item,) = queries.todo(world.grid)
        actions.done(world.grid, item)
        assert queries.todo(world.grid).count() == 0
