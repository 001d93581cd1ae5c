from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.duties import actions, escalation, kinds
from lastmile.duties.models import Obligation
from lastmile.duties.tests.conftest import GRID, VILLAGE, Office
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def test_the_list_shows_what_can_hurt_people_first_and_hides_what_is_not_mine(office: Office, client: Client) -> None:
    office.task("清理排水沟")
    office.task("看望独居老人", danger=4, due_at=clock.now() + timedelta(days=3))
    office.task("写月报", VILLAGE)
    office.world.login(client, "grid")
    page = text(client, "/todo/")
    assert page.index("看望独居老人") < page.index("清理排水沟")
    assert "写月报" not in page
    assert "写月报" not in text(client, "/todo/?q=写月报&export=html").replace('value="写月报"', "")
    assert "清理排水沟" not in text(client, "/todo/?danger=4")
    assert "看望独居老人" in text(client, "/")  # the overview's first lines


def test_one_tap_does_it_and_one_takes_it_back(office: Office, client: Client) -> None:
    owed = office.task()
    office.world.login(client, "grid")
    key = str(uuid4())
    for _again in range(2):
        answer = client.post(f"/todo/{owed.pk}/done/", {"key": key}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "撤销" in answer.content.decode() or "Undo" in answer.content.decode()
    assert owed.events.filter(what="done").count() == 1
    assert "清理排水沟" in text(client, "/todo/?view=closed")
    client.post(f"/todo/{owed.pk}/undo/")
    assert "清理排水沟" in text(client, "/todo/")


def test_a_problem_becomes_a_new_item_and_a_reason_is_wanted(office: Office, client: Client) -> None:
    owed = office.task()
    office.world.login(client, "grid")
    assert client.post(f"/todo/{owed.pk}/problem/", {"words": ""}).status_code == 400
    client.post(f"/todo/{owed.pk}/problem/", {"words": "涵洞堵死，需要挖机"})
    assert "涵洞堵死" in text(client, "/todo/")
    mend = Obligation.objects.get(kind=kinds.PROBLEM.name)
    assert (mend.parent_id, mend.danger) == (owed.pk, 2)
    client.post(f"/todo/{owed.pk}/undo/")
    mend.refresh_from_db()
    assert mend.state == "withdrawn"


def test_it_is_handed_over_inside_the_own_places_only(office: Office, client: Client) -> None:
    owed = office.task("核对名单", VILLAGE)
    office.world.login(client, "village")
    up, down = office.post("410182109"), office.post(GRID)
    assert client.post(f"/todo/{owed.pk}/hand-over/", {"post": up.pk}).status_code == 400
    assert client.post(f"/todo/{owed.pk}/hand-over/", {"post": down.pk}).status_code == 302
    assert "核对名单" not in text(client, "/todo/")
    office.world.login(client, "grid")
    assert "核对名单" in text(client, "/todo/")


def test_it_is_delegated_until_a_day_and_comes_back(office: Office, client: Client) -> None:
    owed = office.task("核对名单", VILLAGE)
    office.world.login(client, "village")
    person = office.world.staff[GRID]
    until = clock.day_of(clock.now() + timedelta(days=1)).isoformat()
    far = (clock.now() + timedelta(days=200)).date().isoformat()
    assert client.post(f"/todo/{owed.pk}/delegate/", {"person": person.pk, "until": "没有"}).status_code == 400
    assert client.post(f"/todo/{owed.pk}/delegate/", {"person": person.pk, "until": far}).status_code == 400
    assert client.post(f"/todo/{owed.pk}/delegate/", {"person": person.pk, "until": until}).status_code == 302
    assert "核对名单" not in text(client, "/todo/")
    assert "核对名单" in text(client, "/todo/?view=later")
    office.world.login(client, "grid")
    assert "核对名单" in text(client, "/todo/")
    clock.forward(days=3)
    office.world.login(client, "grid")
    assert "核对名单" not in text(client, "/todo/")


def test_what_can_hurt_people_is_not_put_off_beyond_its_time(office: Office, client: Client) -> None:
    owed = office.task("看望独居老人", danger=4, due_at=clock.now() + timedelta(hours=2))
    office.world.login(client, "grid")
    local = (clock.now() + timedelta(days=1)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
    assert client.post(f"/todo/{owed.pk}/snooze/", {"until": local, "reason": "路断了"}).status_code == 400
    soon = (clock.now() + timedelta(hours=1)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
    assert client.post(f"/todo/{owed.pk}/snooze/", {"until": soon, "reason": "路断了"}).status_code == 302
    assert "看望独居老人" not in text(client, "/todo/")
    assert "路断了" in text(client, "/todo/?view=later")


def test_nobody_opens_what_is_not_theirs(office: Office, client: Client) -> None:
    owed = office.task()
    office.world.login(client, "neighbour")
    assert client.get(f"/todo/{owed.pk}/").status_code == 404
    assert client.post(f"/todo/{owed.pk}/done/").status_code == 404


def test_who_comes_too_late_hears_what_happened(office: Office, client: Client) -> None:
    owed = office.task()
    actions.done(office.world.officer, owed)
    office.world.login(client, "grid")
    answer = client.post(f"/todo/{owed.pk}/done/")
    assert answer.status_code == 409


def test_numbers_are_by_place_kind_and_cause(office: Office, client: Client) -> None:
    Appointment.objects.filter(post=office.post()).delete()
    office.task(due_at=clock.now() + timedelta(hours=1))
    clock.forward(hours=2)
    escalation.tick()
    office.world.login(client, "township")
    page = text(client, "/todo/area/")
    assert "岗位空缺" in page or "post vacant" in page
    assert "清理排水沟" in text(client, "/todo/area/list/?cause=vacant")
    assert "清理排水沟" not in text(client, "/todo/area/list/?cause=on_leave")
    office.world.login(client, "system")
    assert client.get("/todo/area/").status_code == 403


def test_a_superior_of_ones_own_department_can_be_named_and_no_chain_loops(office: Office) -> None:
    health = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="卫生", department="卫健")
    owed = office.task("消毒", VILLAGE, post=health.pk, due_at=clock.now() + timedelta(hours=1))
    clock.forward(hours=2)
    escalation.tick()
    owed.refresh_from_db()
    assert owed.superior == office.post(VILLAGE)  # the leader of the same place comes first


def test_the_chain_of_superiors_may_not_loop(office: Office, client: Client) -> None:
    first, second = (
        Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title=title) for title in ("卫生", "水利")
    )

    def name(post: Post, superior: int | None) -> int:
        body = {"superior": superior}
        return client.put(f"/api/v1/posts/{post.pk}/superior", body, content_type="application/json").status_code

    office.world.login(client, "officer")
    assert name(first, second.pk) == 200
    assert name(second, first.pk) == 400
    assert name(first, first.pk) == 400
    assert name(office.post(VILLAGE), office.post(GRID).pk) == 400  # below
    assert name(first, 999_999) == 404
    office.world.login(client, "neighbour")
    assert name(first, None) == 404
    owed = office.task("消毒", VILLAGE, post=first.pk, due_at=clock.now() + timedelta(hours=1))
    Appointment.objects.create(post=second, person=office.world.staff[GRID], role="holder", since=clock.today())
    clock.forward(hours=2)
    escalation.tick()
    owed.refresh_from_db()
    assert owed.superior == second  # the named one, before the leader of the place


def test_an_item_shows_where_it_is_on_the_map(office: Office, client: Client) -> None:
    here = office.task("清理排水沟", GRID, longitude=113.331, latitude=34.631)
    office.world.login(client, "grid")  # serves the grid alone: its map, not the village's
    page = client.get(f"/todo/{here.pk}/").content.decode()
    assert f"/places/{GRID}/outlines.json" in page
    assert "113.331" in page.split("data-point=")[1].split("role=")[0]
    there = office.task("巡查水库", VILLAGE)
    office.world.login(client, "village")
    page = client.get(f"/todo/{there.pk}/").content.decode()
    assert f"/places/{VILLAGE}/outlines.json" in page
    assert "data-point=" not in page  # the place is known, not the spot
