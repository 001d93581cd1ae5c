"""Appointing, leave, and the list of what nobody holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.actions import appoint, take_leave
from lastmile.community.people.actions.posts import today
from lastmile.community.people.models import Appointment, Contact, Leave, Person
from lastmile.community.people.queries import gaps, held_posts
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


def names(world: World) -> dict[str, int]:
    counted = gaps.counted(world.officer, "410182", 6)
    return {kind: sum(parts.values()) for kind, parts in counted.items()}


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
    assert held_posts(VILLAGE, today())[0].deputy.person == world.residents[0]  # type: ignore[union-attr]  # just made


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
    assert Appointment.objects.get(person=old).until == today()
    with pytest.raises(Refusal):
        appoint(leader(), world.residents[0], "deputy", by=world.village)
    Post.objects.filter(pk=leader().pk).update(closed_on=today())
    with pytest.raises(Conflict):
        appoint(leader(), world.residents[1], "deputy", by=world.village)


def test_leave_is_taken_and_ended_on_the_page(world: World, client: Client) -> None:
    world.login(client, "village")
    held = Appointment.objects.get(post=leader())
    days = {"first_day": today().isoformat(), "last_day": (today() + timedelta(days=3)).isoformat()}
    client.post(f"/people/appointments/{held.pk}/leave/", days)
    assert held_posts(VILLAGE, today())[0].holder_away
    client.post(f"/people/appointments/{held.pk}/back/")
    assert not held_posts(VILLAGE, today())[0].holder_away
    wrong = days | {"last_day": (today() - timedelta(days=3)).isoformat()}
    assert client.post(f"/people/appointments/{held.pk}/leave/", wrong).status_code == 400
    assert not Leave.objects.exists()


def test_leave_of_more_than_a_year_is_refused(world: World) -> None:
    with pytest.raises(Refusal):
        take_leave(world.staff[VILLAGE], today(), today() + timedelta(days=400), by=world.village)


def test_a_grid_worker_appoints_nobody_and_a_stranger_finds_no_post(world: World, client: Client) -> None:
    world.login(client, "grid")
    assert client.post(f"/people/appoint/{leader(f'{VILLAGE}001').pk}/deputy/", {"phone": "1"}).status_code == 403
    world.login(client, "neighbour")
    assert client.post(f"/people/appoint/{leader().pk}/deputy/", {"phone": "1"}).status_code == 404


def test_ended_posts_show_up_as_gaps_and_vanish_when_filled(world: World, client: Client) -> None:
    assert names(world)["vacant"] == 0
    world.login(client, "village")
    client.post(f"/people/appointments/{Appointment.objects.get(post=leader()).pk}/end/")
    assert names(world)["vacant"] == 1
    appoint(leader(), world.residents[0], "holder", by=world.village)
    assert names(world)["vacant"] == 0


def test_every_kind_of_gap_is_counted_where_it_is(world: World) -> None:
    SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="小学")
    Contact.objects.filter(person__household=world.households[0]).update(usable=False)
    Contact.objects.filter(person=world.residents[2]).update(confirmed_at=clock.now() - timedelta(days=366))
    counts = names(world)
    assert counts == {
        "grid": 2,
        "vacant": 0,
        "deputy": 4,
        "silent": 1,
        "unguarded": 6,
        "stale": 1,
        "site": 1,
    }
    assert gaps.counted(world.officer, "410182109", 15)["silent"] == {f"{VILLAGE}001": 1}
    assert sum(gaps.counted(world.neighbour, "", 6)["silent"].values()) == 0


def test_a_guardian_who_can_be_reached_closes_the_gap(world: World) -> None:
    frail, neighbour = world.residents[1], world.residents[2]
    frail.guardian = neighbour
    frail.save()
    assert names(world)["unguarded"] == 5
    Contact.objects.filter(person__in=[frail, neighbour]).update(usable=False)
    assert names(world)["unguarded"] == 6


def test_gap_pages_open_with_counts_lists_and_export(world: World, client: Client) -> None:
    world.login(client, "officer")
    assert client.get("/gaps/").status_code == 200
    assert client.get("/gaps/", {"place": VILLAGE}).status_code == 200
    assert client.get("/gaps/", {"place": "410181"}).status_code == 404
    for kind in gaps.BY_NAME:
        assert client.get(f"/gaps/{kind}/").status_code == 200
    assert client.get("/gaps/deputy/?export=xlsx").status_code == 200
    assert client.get("/gaps/nonsense/").status_code == 404
    assert "李村民" not in client.get("/gaps/unguarded/").content.decode()


def test_the_staff_list_is_masked_and_scoped(world: World, client: Client) -> None:
    world.login(client, "township")
    page = client.get("/staff/").content.decode()
    assert "王＊＊" in page
    assert "王负责" not in page
    assert "郑州市" not in page.split("<main")[1]
