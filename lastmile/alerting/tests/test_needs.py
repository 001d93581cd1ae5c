"""Who stays is persuaded by the next level; who asks for help is had by one person, and everybody sees by whom."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from lastmile.alerting import claims, fold, panels, receipts
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.alerting.visits import entering, rounds
from lastmile.community.people.models import Household
from lastmile.duties import actions, queries
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound
from tests.world import World

GRID = VILLAGE + "001"


@pytest.fixture
def event(desk: Desk) -> AlertEvent:
    """A red warning after its deadline; the log-ins of grid, village and township are the people of their posts."""
    for login, code in (("grid", GRID), ("village", VILLAGE), ("township", "410182109")):
        user = desk.world.users[login]
        user.person = desk.world.staff[code]
        user.save()
    found = desk.issued()
    clock.forward(minutes=11)
    rounds.tick()
    return found


def at_door(world: World, event: AlertEvent, home: Household, fact: Fact, reason: str = "") -> None:
    clock.forward(seconds=1)
    outcome = entering.Outcome(uuid4(), event.alert.code, home.pk, fact, reason=reason)
    entering.enter(world.grid, outcome)
    fold.fold()


def owed(kind: str) -> list[Obligation]:
    return list(Obligation.objects.filter(kind=kind, closed_at=None))


def test_a_refusal_at_a_door_is_one_thing_for_the_next_level_with_its_reason(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    home = world.households[0]
    at_door(world, event, home, Fact.REFUSED, "belongings")
    (item,) = owed("alerting.refusal")
    assert item.place_id == VILLAGE
    assert [one.pk for one in queries.todo(world.village) if one.kind == "alerting.refusal"] == [item.pk]
    assert "alerting.refusal" not in [one.kind for one in queries.todo(world.grid)]
    assert "舍不得房屋" in item.title
    assert home.number in item.title
    assert item.detail["place"] == GRID
    at_door(world, event, home, Fact.MOVED)
    assert owed("alerting.refusal") == []


def test_without_a_leader_in_the_village_the_township_persuades(event: AlertEvent, desk: Desk) -> None:
    from lastmile.community.org.models import Post

    Post.objects.filter(place=VILLAGE).update(closed_on=clock.today())
    at_door(desk.world, event, desk.world.households[0], Fact.REFUSED)
    (item,) = owed("alerting.refusal")
    assert item.place_id == "410182109"


def test_help_is_one_thing_a_door_however_many_live_there(event: AlertEvent, desk: Desk) -> None:
    at_door(desk.world, event, desk.world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    assert item.place_id == GRID
    (row,), doors, _many = panels.calls(desk.world.township, event, desk.world.places["410182109"])
    assert doors == 1
    assert row.call.people == 2
    assert row.claim is not None
    assert row.claim.by is None


def test_who_has_it_is_seen_and_a_second_one_is_told(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    claims.claim(world.township, event, "410182109", item.pk)
    claims.claim(world.township, event, "410182109", item.pk)  # a second tap
    with pytest.raises(Conflict, match="township"):
        claims.claim(world.village, event, VILLAGE, item.pk)
    (row,) = panels.calls(world.officer, event, world.places["410182"]).rows
    assert row.claim is not None
    assert row.claim.by == "township"
    assert not row.mine
    with pytest.raises(NotAllowed):
        claims.claim(world.approver, event, "410182109", item.pk)
    with pytest.raises(NotFound):
        claims.claim(world.village, event, "410182108", item.pk)


def test_a_claim_can_be_given_back_and_silence_climbs_on(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    claims.claim(world.township, event, "410182109", item.pk)
    claims.release(world.township, event, "410182109", item.pk)
    item.refresh_from_db()
    assert item.state == "open"
    assert item.next_at is not None
    claims.claim(world.village, event, VILLAGE, item.pk)


def test_nobody_gives_back_what_somebody_else_has(event: AlertEvent, desk: Desk, client: Client) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    claims.claim(world.village, event, VILLAGE, item.pk)
    with pytest.raises(Conflict, match="village"):
        claims.release(world.grid, event, GRID, item.pk)
    world.login(client, "grid")
    url = f"/api/v1/alerts/{event.alert.code}/help/{item.pk}"
    answer = client.post(url, {"place": GRID, "release": True}, content_type="application/json")
    assert (answer.status_code, "上级" in answer.json()["detail"]) == (409, True)
    item.refresh_from_db()
    assert item.state == "accepted"
    claims.release(world.township, event, "410182109", item.pk)
    item.refresh_from_db()
    assert item.state == "open"


def test_a_claim_that_nothing_follows_may_be_taken_over(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    at_door(world, event, world.households[1], Fact.NEEDS_HELP)
    first, second = owed("alerting.help")
    claims.claim(world.township, event, "410182109", first.pk)
    clock.forward(minutes=31)
    claims.claim(world.village, event, VILLAGE, second.pk)
    forgotten, had = panels.calls(world.officer, event, world.places["410182"]).rows
    assert forgotten.claim is not None
    assert forgotten.claim.forgotten
    assert had.claim is not None
    assert had.claim.by == "village"
    claims.claim(world.village, event, VILLAGE, first.pk)


def test_accepting_it_on_the_to_do_is_having_it(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    actions.accept(world.grid, item)
    (row,) = panels.calls(world.township, event, world.places["410182109"]).rows
    assert row.claim is not None
    assert row.claim.by == "grid"


def test_it_leaves_the_top_of_the_page_when_they_are_safe(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    at_door(world, event, world.households[0], Fact.MOVED)
    assert panels.calls(world.officer, event, world.places["410182"]) == ([], 0, False)
    assert owed("alerting.help") == []


def test_more_are_counted_than_are_shown_and_what_nobody_has_comes_first(
    event: AlertEvent, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, county = desk.world, desk.world.places["410182"]
    for home in world.households[:3]:
        at_door(world, event, home, Fact.NEEDS_HELP)
    first = panels.calls(world.officer, event, county).rows[0]
    assert first.claim is not None
    claims.claim(world.township, event, "410182109", first.claim.obligation)
    rows, doors, many = panels.calls(world.officer, event, county, most=1)
    assert (len(rows), doors, many) == (1, 3, False)
    assert rows[0].call.door != first.call.door
    monkeypatch.setattr(panels, "HELP_READ", 2)
    assert panels.calls(world.officer, event, county, most=2)[1:] == (2, True)


def test_the_overview_begins_with_who_asks_for_help(event: AlertEvent, desk: Desk, client: Client) -> None:
    world = desk.world
    world.login(client, "township")
    assert "户需要帮助" not in client.get("/").content.decode()
    at_door(world, event, world.households[0], Fact.NEEDS_HELP)
    (item,) = owed("alerting.help")
    page = client.get("/").content.decode()
    assert page.index("1 户需要帮助") < page.index('id="todo"')
    there = client.post(
        f"/alerts/{event.alert.code}/help/410182109/{item.pk}/",
        {"act": "claim"},
        headers={"referer": "http://testserver/"},
    )
    assert there.headers["Location"] == "http://testserver/"
    world.login(client, "neighbour")
    assert "户需要帮助" not in client.get("/").content.decode()


def test_it_is_claimed_on_the_page_and_over_the_api(event: AlertEvent, desk: Desk, client: Client) -> None:
    world, code = desk.world, event.alert.code
    resident = world.residents[0]
    receipts.append([receipts.NewReceipt("h:1", event.pk, resident.pk, Fact.NEEDS_HELP, "link", clock.now())])
    fold.fold()
    world.login(client, "township")
    page = client.get(f"/alerts/{code}/coverage/").content.decode()
    assert "我去处理" in page
    assert page.index("我去处理") < page.index("tile"), "it stands on top"
    (call,) = client.get(f"/api/v1/alerts/{code}/help").json()
    assert (call["by"], call["people"]) == (None, 1)
    address = f"/alerts/{code}/help/410182109/{call['id']}/"
    assert client.post(address, {"act": "claim"}).status_code == 302
    assert "您" in client.get(f"/alerts/{code}/visits/").content.decode()
    world.login(client, "village")
    url, body = f"/api/v1/alerts/{code}/help/{call['id']}", {"place": VILLAGE}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 409
    assert "township" in answer.json()["title"]
    world.login(client, "township")
    back = client.post(url, {"place": "410182109", "release": True}, content_type="application/json")
    assert back.status_code == 204
    assert client.get(f"/api/v1/alerts/{code}/help").json()[0]["by"] is None
    world.login(client, "neighbour")
    assert client.post(address, {"act": "claim"}).status_code == 404
