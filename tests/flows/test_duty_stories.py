"""Three stories: a duty disputed between two departments, a handover in the middle of a warning, a checklist that
finds a problem."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.actions import save_post
from lastmile.community.org.models import Level, Post
from lastmile.community.people.actions import appoint, appoint_by_phone, end_appointment
from lastmile.community.people.models import Appointment, Person
from lastmile.duties import actions, escalation, queries
from lastmile.duties.actions import checklists, departments, responsibilities
from lastmile.duties.models import Checklist, Dispute, Handover, Mark, Obligation, Sheet
from lastmile.kernel import clock
from tests.world import World, phone

pytestmark = pytest.mark.django_db
GRID, VILLAGE, TOWN, COUNTY = "410182109211001", "410182109211", "410182109", "410182"


@pytest.fixture
def world() -> World:
    world = World.build()
    for name, code in (("grid", GRID), ("village", VILLAGE), ("township", TOWN), ("officer", COUNTY), ("city", "4101")):
        world.users[name].person = world.staff[code]
        world.users[name].save()
    return world


def leader(code: str) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def department(world: World, name: str, login: str) -> Post:
    """A post of a department in the county, held by somebody with this log-in."""
    facts = {"kind": Post.Kind.OTHER, "title": f"{name}负责人", "department": name}
    post = save_post(Post(place=world.places[COUNTY]), by=world.officer, **facts)
    held = appoint_by_phone(post, "holder", phone=phone(), name="赵科长", by=world.officer)
    world.users[login].person = held.person
    world.users[login].save()
    return post


def flooded_tunnel(world: World, water: Post, housing: Post) -> Obligation:
    parts = [departments.Part(water, "清理河道"), departments.Part(housing, "疏通下穿隧道雨水井")]
    place, due = world.places[COUNTY], clock.now() + timedelta(days=5)
    return departments.create_joint(place, "下穿隧道积水整治", parts, due_at=due, lead=leader(COUNTY), by=world.officer)


def on_list(world: World, name: str) -> list[str]:
    return [row.title for row in queries.todo(world.users[name])]


def test_a_duty_disputed_between_two_departments_is_settled_above(world: World, client: Client) -> None:
    water, housing = department(world, "水利局", "approver"), department(world, "住房城乡建设局", "neighbour")
    assert (water.line, housing.line) == ("water", "housing")
    whole = flooded_tunnel(world, water, housing)
    assert on_list(world, "approver") == ["清理河道"]
    assert on_list(world, "neighbour") == ["疏通下穿隧道雨水井"]
    world.login(client, "neighbour")  # of another county by role; by post they see all parts
    assert "清理河道" in client.get(f"/duties/joint/{whole.pk}/").content.decode()
    part = whole.parts.get(post=housing)
    address = f"/duties/disputes/add/{part.pk}/"
    assert client.post(address, {"words": ""}).status_code == 400
    assert client.post(address, {"words": "雨水井属河道管理范围", "other": water.pk}).status_code == 302
    assert client.post(address, {"words": "再说一次"}).status_code == 409
    made = Dispute.objects.get()
    assert made.judge == leader(COUNTY)
    assert "确定由谁负责：疏通下穿隧道雨水井" in on_list(world, "officer")
    assert "疏通下穿隧道雨水井" in on_list(world, "neighbour")  # until it is settled it stays
    clock.forward(days=3, minutes=1)  # nobody settles it: the level above the judge hears
    escalation.tick()
    escalation.tick()
    assert client.post(f"/duties/disputes/{made.pk}/", {"decided": water.pk, "words": "x"}).status_code == 200
    made.refresh_from_db()
    assert made.settled_at is None  # a side does not judge
    world.login(client, "officer")
    client.post(f"/duties/disputes/{made.pk}/", {"decided": water.pk, "words": "按权责清单归水利"})
    assert on_list(world, "neighbour") == []
    assert sorted(on_list(world, "approver")) == ["清理河道", "疏通下穿隧道雨水井"]
    assert "按权责清单归水利" in client.get(f"/duties/disputes/{made.pk}/").content.decode()
    assert not Obligation.objects.filter(kind="duties.dispute", closed_at=None).exists()


def rained_on(world: World, post: Post) -> Obligation:
    """A warning is out, its checklist is on the village leader's list, and something they owe in person."""
    responsibilities.save_list(post, [{"duty": "通知各网格员"}], by=world.township)
    facts = {"name": "雨前巡查", "items": ["沟渠畅通"], "trigger": Checklist.Trigger.WARNING, "colour": 4}
    made = Checklist(place=world.places[COUNTY], level=Level.VILLAGE, kind=Post.Kind.LEADER)
    checklists.save_checklist(made, by=world.officer, **facts)
    Desk(world).issued()
    checklists.tick()
    assert "雨前巡查" in on_list(world, "village")
    return actions.create(
        kind="duties.task", key="own", title="核对名单", place=VILLAGE, person=world.staff[VILLAGE].pk,
        due_at=clock.now() + timedelta(hours=5),
    )  # fmt: skip


def test_a_post_changes_hands_in_the_middle_of_a_warning(world: World) -> None:
    post = leader(VILLAGE)
    own = rained_on(world, post)
    end_appointment(Appointment.objects.get(post=post, until=None), by=world.township)  # the holder goes
    own.refresh_from_db()
    assert (own.post, own.person) == (post, None)
    assert on_list(world, "village") == []  # nothing stays with whoever left
    assert any(title.startswith("无人接手") for title in on_list(world, "township"))
    new = Person.objects.get(pk=world.residents[0].pk)
    appoint(post, new, "holder", by=world.township)
    world.grid.person = new
    world.grid.save()
    assert not any(title.startswith("无人接手") for title in on_list(world, "township"))
    assert {"雨前巡查", "核对名单"} < set(on_list(world, "grid"))
    row = Handover.objects.get()
    assert (row.moved, row.after) == (1, new)
    assert any("签收权责清单" in title for title in on_list(world, "grid"))  # the new holder signs for themselves


def test_the_new_holder_confirms_on_the_guided_page(world: World, client: Client) -> None:
    post = leader(VILLAGE)
    rained_on(world, post)
    appoint(post, world.residents[0], "holder", by=world.township)
    world.grid.person = world.residents[0]
    world.grid.save()
    row = Handover.objects.get()
    world.login(client, "village")  # the one who went still may write down the keys
    address = f"/duties/handovers/{row.pk}/"
    client.post(address, {"things": "广播室钥匙\n值班手机\n\n纸质名册", "note": "喇叭开关在东墙"})
    assert client.post(address, {"confirm": "1"}).status_code == 409
    world.login(client, "grid")
    page = client.get(address).content.decode()
    assert "广播室钥匙" in page
    assert "雨前巡查" in page
    called = page.split('id="h2"')[1].split('id="h3"')[0]  # the superior first, with a number that is masked
    assert "崔庙镇 · 负责人" in called
    assert str(world.staff[TOWN].contacts.get().value.masked()) in called
    assert "显示号码" not in called  # a grid worker does not open the township's
    client.post(address, {"confirm": "1"})
    assert client.post(address, {"things": "别的"}).status_code == 409
    row.refresh_from_db()
    assert row.confirmed_at is not None
    assert [one["what"] for one in row.things] == ["广播室钥匙", "值班手机", "纸质名册"]
    assert not Obligation.objects.filter(kind="duties.handover", closed_at=None).exists()


def test_a_checklist_finds_a_problem_that_climbs_until_it_is_mended(world: World, client: Client) -> None:
    facts = {"name": "汛前检查", "items": ["排水沟畅通", "喇叭能响"], "trigger": Checklist.Trigger.HAND, "danger": 2}
    made = Checklist(place=world.places[TOWN], level=Level.VILLAGE, kind=Post.Kind.LEADER)
    row = checklists.save_checklist(made, by=world.township, **facts)
    checklists.open_by_hand(row, by=world.township)
    checklists.tick()
    sheet = Sheet.objects.get()
    world.login(client, "village")
    address = f"/duties/checklists/sheet/{sheet.pk}/"
    client.post(address, {"item": 1, "state": "problem", "note": "东头喇叭不响"})
    client.post(address, {"rest": "1"})
    assert on_list(world, "village") == ["东头喇叭不响"]
    assert list(sheet.marks.values_list("state", flat=True)) == [Mark.State.PROBLEM, Mark.State.DONE]
    assert "1" in client.get(f"/duties/checklists/{row.pk}/").content.decode()
    clock.forward(days=4, minutes=1)
    for _step in range(3):
        escalation.tick()
        clock.forward(minutes=2)
    assert "东头喇叭不响" in on_list(world, "township")
    actions.done(world.village, Obligation.objects.get(title="东头喇叭不响"))
    assert on_list(world, "township") == []
