"""Appointing, leave, and the list of what nobody holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.community.org.models import Post
from lastmile.community.people.actions import appoint, take_leave
from lastmile.community.people.models import Appointment, Leave, Person
from lastmile.community.people.queries import held_posts
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE = "410182109211"


@pytest.fixture
def world() -> World:
    return World.build()


def leader(code: str = VILLAGE) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def test_the_part_for_the_place_says_who_answers_today(world: World, client: Client) -> None:
    world.login(client, "village")
    part = client.get(f"/people/posts/{VILLAGE}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "王＊＊" in part
    assert "王负责" not in part
    assert client.get("/people/posts/410182109205/").status_code == 404


def test_somebody_known_is_appointed_by_phone_and_not_entered_twice(world: World, client: Client) -> None:
    world.login(client, "village")
    before = Person.objects.count()
    number = world.residents[0].contacts.get().value.reveal()
    client.post(f"/people/appoint/{leader().pk}/deputy/", {"phone": number})
    assert Person.objects.count() == before
    deputy = held_posts(VILLAGE, clock.today())[0].deputy
    assert deputy is not None
    assert deputy.person == world.residents[0]


def test_somebody_new_needs_a_name(world: World, client: Client) -> None:
    world.login(client, "village")
    address = f"/people/appoint/{leader().pk}/deputy/"
    assert client.post(address, {"phone": "10044443333"}).status_code == 400
    assert client.post(address, {"phone": "123", "name": "钱新人"}).status_code == 400
    client.post(address, {"phone": "10044443333", "name": "钱新人"})
    found = Appointment.objects.get(post=leader(), role=Appointment.Role.DEPUTY)
    assert (found.person.name.reveal(), found.person.place_id) == ("钱新人", VILLAGE)


def test_a_new_holder_ends_the_old_one_and_nobody_is_both(world: World) -> None:
    old = world.staff[VILLAGE]
    appoint(leader(), world.residents[0], "holder", by=world.village)
    assert Appointment.objects.get(person=old).until == clock.today()
    with pytest.raises(Refusal):
        appoint(leader(), world.residents[0], "deputy", by=world.village)
    Post.objects.filter(pk=leader().pk).update(closed_on=clock.today())
    with pytest.raises(Conflict):
        appoint(leader(), world.residents[1], "deputy", by=world.village)


def test_leave_is_taken_and_ended_on_the_page(world: World, client: Client) -> None:
    world.login(client, "village")
    held = Appointment.objects.get(post=leader())
    days = {"first_day": clock.today().isoformat(), "last_day": (clock.today() + timedelta(days=3)).isoformat()}
    client.post(f"/people/appointments/{held.pk}/leave/", days)
    assert held_posts(VILLAGE, clock.today())[0].holder_away
    client.post(f"/people/appointments/{held.pk}/back/")
    assert not held_posts(VILLAGE, clock.today())[0].holder_away
    wrong = days | {"last_day": (clock.today() - timedelta(days=3)).isoformat()}
    assert client.post(f"/people/appointments/{held.pk}/leave/", wrong).status_code == 400
    assert not Leave.objects.exists()


def test_leave_of_more_than_a_year_is_refused(world: World) -> None:
    with pytest.raises(Refusal):
        take_leave(world.staff[VILLAGE], clock.today(), clock.today() + timedelta(days=400), by=world.village)


def test_a_grid_worker_appoints_nobody_and_a_stranger_finds_no_post(world: World, client: Client) -> None:
    world.login(client, "grid")
    assert client.post(f"/people/appoint/{leader(f'{VILLAGE}001').pk}/deputy/", {"phone": "1"}).status_code == 403
    world.login(client, "neighbour")
    assert client.post(f"/people/appoint/{leader().pk}/deputy/", {"phone": "1"}).status_code == 404


def test_the_staff_list_is_masked_and_scoped(world: World, client: Client) -> None:
    world.login(client, "township")
    page = client.get("/staff/").content.decode()
    assert "王＊＊" in page
    assert "王负责" not in page
    assert "郑州市" not in page.split("<main")[1]
