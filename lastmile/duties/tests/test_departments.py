"""Departments and handovers: what is refused, and what nobody may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.community.org.departments import line_of
from lastmile.community.org.models import Post
from lastmile.community.people.actions import appoint, leave_home
from lastmile.duties import actions
from lastmile.duties.actions import departments
from lastmile.duties.models import Handover, Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict
from tests.world import World

pytestmark = pytest.mark.django_db
GRID, VILLAGE, TOWN, COUNTY = "410182109211001", "410182109211", "410182109", "410182"


@pytest.fixture
def world() -> World:
    world = World.build()
    world.village.person = world.staff[VILLAGE]
    world.village.save()
    return world


def leader(code: str) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


@pytest.mark.parametrize(
    ("name", "line"),
    [("市应急管理局", "emergency"), ("水利局", "water"), ("农业农村办公室", "agriculture"), ("城关派出所", "police"),
     ("自然资源和规划局", "resources"), ("消防救援大队", "fire"), ("教体局", "education"), ("老年协会", ""), ("", "")],
)  # fmt: skip
def test_a_local_name_tells_its_department(name: str, line: str) -> None:
    assert line_of(name) == line


def test_joint_work_that_can_not_be_is_refused_and_nothing_is_written(world: World, client: Client) -> None:
    world.login(client, "officer")
    address, post = f"/duties/joint/add/{COUNTY}/", leader(TOWN).pk
    later = (clock.now() + timedelta(days=3)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
    form = {"title": "清淤", "due_at": later, "danger": "2", "lead": leader(COUNTY).pk, "post0": post, "what0": "出人"}
    for bad in ({"post0": ""}, {"post1": post}, {"due_at": "2020-01-01T08:00"}, {"lead": ""}):
        assert client.post(address, form | bad).status_code == 400
    assert not Obligation.objects.exists()
    answer = client.post(address, form)
    assert answer.status_code == 302
    assert Obligation.objects.count() == 2
    world.login(client, "auditor")
    assert client.get(answer.headers["Location"]).status_code == 404


def test_only_open_work_of_a_post_is_disputed(world: World) -> None:
    due = clock.now() + timedelta(days=1)
    own = actions.create(
        kind="duties.task", key="1", title="巡查", place=VILLAGE, person=world.staff[VILLAGE].pk, due_at=due
    )
    with pytest.raises(Conflict):
        departments.dispute(world.village, own, "不归我")
    top = actions.create(kind="duties.task", key="2", title="巡查", place="4101", post=leader("4101").pk, due_at=due)
    with pytest.raises(Conflict):
        departments.dispute(world.city, top, "不归我")


def test_who_dies_or_moves_away_leaves_nothing_behind(world: World) -> None:
    due = clock.now() + timedelta(days=1)
    person = world.staff[VILLAGE]
    own = actions.create(kind="duties.task", key="1", title="巡查", place=VILLAGE, person=person.pk, due_at=due)
    leave_home(person, by=world.township)
    own.refresh_from_db()
    assert own.post == leader(VILLAGE)
    waiting = Obligation.objects.get(kind="duties.handover")
    assert (waiting.post, Handover.objects.get().after) == (leader(TOWN), None)


def test_who_keeps_another_post_keeps_their_own_work(world: World) -> None:
    person, due = world.staff[VILLAGE], clock.now() + timedelta(days=1)
    appoint(leader(GRID), person, "holder", by=world.township)
    own = actions.create(kind="duties.task", key="1", title="巡查", place=VILLAGE, person=person.pk, due_at=due)
    appoint(leader(VILLAGE), world.residents[0], "holder", by=world.township)
    own.refresh_from_db()
    assert own.person == person


def test_a_handover_is_seen_by_its_place_and_written_by_its_sides(world: World, client: Client) -> None:
    appoint(leader(VILLAGE), world.residents[0], "holder", by=world.township)
    address = f"/duties/handovers/{Handover.objects.get().pk}/"
    for login, status in (("village", 302), ("grid", 404), ("neighbour", 404), ("approver", 403)):
        world.login(client, login)
        assert client.post(address, {"things": "钥匙"}).status_code == status
    assert client.get(address).status_code == 200
