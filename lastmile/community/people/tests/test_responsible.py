"""Who answers for a place today: the holder, or the deputy while the holder is away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.actions import add_contact, add_person
from lastmile.community.people.models import Appointment, Contact, Leave, Person
from lastmile.community.people.queries import Responsible, reach, responsible
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from tests.world import World, phone

pytestmark = pytest.mark.django_db
VILLAGE = "410182109211"


def found(*codes: str, day: date | None = None) -> dict[str, Responsible]:
    return {
        row.place if row.site is None else f"site {row.site}": row for row in responsible(codes, day or clock.today())
    }


def deputy(world: World, code: str) -> Person:
    post = Post.objects.get(place=code, kind=Post.Kind.LEADER)
    person = add_person(name="赵副手", place=world.places[code], phone=phone())
    Appointment.objects.create(post=post, person=person, role=Appointment.Role.DEPUTY, since=clock.today())
    return person


def test_it_finds_posts_below_the_place_and_at_the_levels_above() -> None:
    world = World.build()
    rows = found("410182109")
    assert set(rows) == {"4101", "410182", "410182109", VILLAGE, f"{VILLAGE}001"}
    assert rows[VILLAGE].person == world.staff[VILLAGE].pk
    assert not rows[VILLAGE].standing_in


def test_a_sister_village_is_not_bothered() -> None:
    World.build()
    assert set(found("410182109205")) == {"4101", "410182", "410182109"}


def test_the_deputy_stands_in_on_leave_and_steps_back_after() -> None:
    world = World.build()
    second = deputy(world, VILLAGE)
    last = clock.today() + timedelta(days=2)
    Leave.objects.create(person=world.staff[VILLAGE], first_day=clock.today(), last_day=last)
    assert (found(VILLAGE)[VILLAGE].person, found(VILLAGE)[VILLAGE].standing_in) == (second.pk, True)
    assert found(VILLAGE, day=last + timedelta(days=1))[VILLAGE].person == world.staff[VILLAGE].pk


def test_when_both_are_away_the_holder_is_still_named() -> None:
    world = World.build()
    for person in (world.staff[VILLAGE], deputy(world, VILLAGE)):
        Leave.objects.create(person=person, first_day=clock.today(), last_day=clock.today())
    assert found(VILLAGE)[VILLAGE].person == world.staff[VILLAGE].pk
    assert found(VILLAGE)[VILLAGE].away


def test_ended_appointments_closed_posts_and_quiet_posts_do_not_count() -> None:
    world = World.build()
    Appointment.objects.filter(person=world.staff[VILLAGE]).update(until=clock.today())
    Post.objects.filter(place="410182109").update(closed_on=clock.today())
    Post.objects.filter(place="410182").update(must_answer=False)
    assert set(found(VILLAGE)) == {"4101", f"{VILLAGE}001"}


def test_the_keeper_of_a_special_site_answers_for_it_until_it_closes() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place_id=f"{VILLAGE}001", kind=SpecialSite.Kind.SCHOOL, name="王宗店小学")
    post = Post.objects.create(place_id=f"{VILLAGE}001", site=site, kind=Post.Kind.SITE, title="校长")
    keeper = world.residents[0]
    Appointment.objects.create(post=post, person=keeper, role=Appointment.Role.HOLDER, since=clock.today())
    assert found(VILLAGE)[f"site {site.pk}"].person == keeper.pk
    SpecialSite.objects.update(closed_on=clock.today())
    assert f"site {site.pk}" not in found(VILLAGE)


def test_reach_gives_the_first_usable_contact_of_each_person_in_one_round_trip() -> None:
    world = World.build()
    first, second = world.residents[:2]
    spare = add_contact(first, Contact.Kind.PHONE, "10099990000", rank=1)
    assert spare.pk
    second.contacts.update(usable=False)
    persons, sealed = reach([p.pk for p in world.residents], Contact.Kind.PHONE)
    assert second.pk not in persons
    assert len(persons) == len(world.residents) - 1
    number = keyring().decrypt(sealed[persons.index(first.pk)], b"contact.value")
    assert number.startswith("+86100")
    assert number != "+8610099990000"
    first.contacts.filter(rank=0).update(usable=False)
    persons, sealed = reach([first.pk], Contact.Kind.PHONE)
    assert keyring().decrypt(sealed[0], b"contact.value") == "+8610099990000"
