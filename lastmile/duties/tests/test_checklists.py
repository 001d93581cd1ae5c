"""Checklists: handed out to today's holders, filled in item by item, a problem becomes work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.community.org.models import Level, Post
from lastmile.community.people.actions import appoint
from lastmile.duties import actions as verbs
from lastmile.duties import queries
from lastmile.duties.actions import checklists as actions
from lastmile.duties.models import Checklist, Mark, Obligation, Round, Sheet
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, GRID, TOWN, COUNTY = "410182109211", "410182109211001", "410182109", "410182"
T = Checklist.Trigger


@pytest.fixture
def world() -> World:
    world = World.build()
    for name, code in (("village", VILLAGE), ("grid", GRID)):
        world.users[name].person = world.staff[code]
        world.users[name].save()
    return world


def make(world: World, place: str = COUNTY, **facts: Any) -> Checklist:
    values: dict[str, Any] = {"name": "汛前检查", "items": ["排水沟畅通", "喇叭能响", "沙袋在位"], "trigger": T.HAND}
    values |= {"level": Level.VILLAGE, "kind": Post.Kind.LEADER}
    return actions.save_checklist(Checklist(place=world.places[place]), by=world.officer, **(values | facts))


def handed_out(world: World, **facts: Any) -> Sheet:
    actions.open_by_hand(make(world, **facts), by=world.officer)
    actions.tick()
    return Sheet.objects.get()


def test_by_the_calendar_it_goes_to_whoever_holds_the_post_then(world: World) -> None:
    today = clock.today()
    until = today + timedelta(days=30)
    row = make(
        world, trigger=T.RECURRENCE, rule=f"FREQ=WEEKLY;UNTIL={until:%Y%m%d}", first_day=today + timedelta(days=1)
    )
    assert actions.tick() == 0
    appoint(Post.objects.get(place=VILLAGE, kind=Post.Kind.LEADER), world.residents[0], "holder", by=world.village)
    clock.forward(days=2)
    assert actions.tick() == 2  # opened, and handed out
    assert actions.tick() == 0
    assert [owed.title for owed in queries.todo(world.residents[0]).filter(kind="duties.checklist")] == ["汛前检查"]
    assert queries.todo(world.village).count() == 0
    clock.forward(days=16)  # an outage over two weeks: it comes round once
    actions.tick()
    assert Round.objects.count() == 2
    clock.forward(days=30)
    actions.tick()
    row.refresh_from_db()
    assert row.next_at is None


def test_a_round_reaches_the_kind_and_level_below_its_place_only(world: World) -> None:
    assert handed_out(world).post.place_id == VILLAGE
    make(world, place="410181")
    actions.open_by_hand(Checklist.objects.latest("pk"), by=world.officer)
    actions.tick()
    assert Sheet.objects.count() == 1


def test_items_are_marked_and_the_last_one_closes_the_work(world: World, client: Client) -> None:
    sheet = handed_out(world)
    world.login(client, "village")
    assert queries.todo(world.village).get().kind == "duties.checklist"
    address = f"/duties/checklists/sheet/{sheet.pk}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"item": 0, "state": "done"}).headers["Location"] == f"{address}#item-1"
    client.post(address, {"item": 1, "state": "not_applicable"})
    client.post(address, {"rest": "1"})
    assert queries.todo(world.village).count() == 0
    sheet.refresh_from_db()
    assert sheet.closed_at is not None
    assert list(sheet.marks.values_list("state", flat=True)) == ["done", "not_applicable", "done"]


def test_a_problem_becomes_work_and_is_withdrawn_when_marked_anew(world: World, client: Client) -> None:
    sheet = handed_out(world)
    world.login(client, "village")
    address = f"/duties/checklists/sheet/{sheet.pk}/"
    assert client.post(address, {"item": 1, "state": "problem"}).status_code == 422
    client.post(address, {"item": 1, "state": "problem", "note": "喇叭坏了"})
    mend = Obligation.objects.get(kind="duties.problem")
    assert (mend.title, mend.basis, mend.post_id) == ("喇叭坏了", "喇叭能响", sheet.post_id)
    actions.mark(world.village, sheet, 1, Mark.State.DONE)
    mend.refresh_from_db()
    assert mend.state == "withdrawn"


def test_only_the_post_fills_it_in_others_look_or_find_nothing(world: World, client: Client) -> None:
    address = f"/duties/checklists/sheet/{handed_out(world).pk}/"
    world.login(client, "officer")
    assert client.get(address).status_code == 200
    assert client.post(address, {"rest": "1"}).status_code == 403
    for stranger in ("neighbour", "auditor"):
        world.login(client, stranger)
        assert client.get(address).status_code == 404
    assert not Mark.objects.exists()


def test_after_a_warning_it_comes_round_where_the_warning_holds_once(world: World) -> None:
    make(world, trigger=T.WARNING, hazards=["rainstorm"], colour=2)
    warn: dict[str, Any] = {"key": "7", "hazard": "rainstorm", "places": [TOWN], "why": "暴雨红色预警"}
    assert actions.after_warning(**(warn | {"colour": 3})) == 0
    assert actions.after_warning(**(warn | {"colour": 1, "hazard": "fog"})) == 0
    assert actions.after_warning(**(warn | {"colour": 1, "places": ["410181"]})) == 0
    assert actions.after_warning(**(warn | {"colour": 1})) == 1
    actions.after_warning(**(warn | {"colour": 1}))  # its update
    actions.tick()
    assert (Round.objects.count(), Sheet.objects.count()) == (1, 1)
    assert queries.todo(world.village).get().basis == "暴雨红色预警"


def test_what_can_not_work_is_refused_in_words(world: World) -> None:
    bad: list[dict[str, Any]] = [
        {"items": [" "]},
        {"items": ["x"] * 31},
        {"items": ["长" * 201]},
        {"level": Level.CITY},
        {"trigger": T.RECURRENCE, "rule": "FREQ=DAILY"},
    ]
    for facts in bad:
        with pytest.raises(Refusal):
            make(world, **facts)
    assert not Checklist.objects.exists()
    row = make(world)
    actions.close_checklist(row, by=world.officer)
    row.refresh_from_db()
    with pytest.raises(Conflict):
        actions.open_by_hand(row, by=world.officer)


FORM = {
    "name": "每月巡查", "items": "楼道不堵\n电线没有隐患", "level": "6", "kind": "grid_worker", "trigger": "recurrence",
    "every": "MONTHLY", "until": "2027-06-30", "colour": "2", "hours": "72", "danger": "1",
}  # fmt: skip


def test_it_is_written_edited_handed_out_and_closed_on_its_pages(world: World, client: Client) -> None:
    world.login(client, "township")
    add = f"/duties/checklists/add/{TOWN}/"
    assert "汛前检查" in client.get(add).content.decode()
    assert "排水沟" in client.get(add + "?text=0").content.decode()
    assert client.get(add + "?text=99").status_code == 200
    assert client.post(add, FORM | {"until": ""}).status_code == 422
    assert client.post(add, FORM | {"months": "13"}).status_code == 422
    assert client.post(add, FORM).status_code == 302
    row = Checklist.objects.get()
    assert row.next_at is not None
    assert client.post(f"/duties/checklists/{row.pk}/edit/", FORM | {"name": "巡查"}).status_code == 302
    assert "每月" not in client.get("/duties/checklists/").content.decode()
    client.post(f"/duties/checklists/{row.pk}/open/")
    actions.tick()
    page = client.get(f"/duties/checklists/{row.pk}/").content.decode()
    assert "没有这样的岗位" in page, page.split("<main")[1]
    client.post(f"/duties/checklists/{row.pk}/close/")
    row.refresh_from_db()
    assert isinstance(row.closed_on, date)
    world.login(client, "grid")
    assert client.post(add, FORM).status_code == 403


def test_the_obligation_of_a_copy_leads_to_its_page(world: World) -> None:
    from lastmile.duties import kinds

    sheet = handed_out(world)
    owed = Obligation.objects.get()
    assert kinds.get(owed.kind).url(owed) == f"/duties/checklists/sheet/{sheet.pk}/"
    verbs.accept(world.village, owed)
    assert owed.detail == {"sheet": sheet.pk}
