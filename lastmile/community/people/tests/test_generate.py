"""The invented population is reproducible, adds up, lives inside its grids and can never be called."""

from __future__ import annotations

import json

import pytest
import shapely
from django.core.management import call_command
from django.db.models import Count, Sum

from lastmile.community.org.models import Boundary, Post, SpecialSite
from lastmile.community.people.generate import populate
from lastmile.community.people.models import Appointment, Contact, Household, Person, Vulnerability
from lastmile.community.people.phones import FICTIONAL
from lastmile.kernel.errors import Conflict, Refusal
from tests.world import World, phone

pytestmark = pytest.mark.django_db
GRID = "410182109211001"


@pytest.fixture
def land() -> World:
    world = World.build(people=False)
    outline = shapely.box(113.30, 34.60, 113.32, 34.62)
    west, south, east, north = outline.bounds
    Boundary.objects.create(
        place_id=GRID, wkb=shapely.to_wkb(outline), west=west, south=south, east=east, north=north, source="generated"
    )
    return world


def people() -> list[tuple[str, str, str]]:
    rows = Person.objects.exclude(household=None).order_by("household__number", "id")
    return [(p.place_id, p.name.reveal(), p.born.reveal()) for p in rows]


def numbers() -> list[str]:
    return sorted(c.value.reveal() for c in Contact.objects.exclude(person__household=None))


def test_it_makes_exactly_as_many_residents_as_asked(land: World) -> None:
    heard: list[int] = []
    doors = populate("410182", 700, 3, heard.append)
    assert Person.objects.exclude(household=None).count() == 700
    assert Household.objects.count() == doors
    assert Household.objects.aggregate(n=Sum("residents"))["n"] == 700
    assert heard[-1] == 700


def test_the_same_seed_gives_the_same_people(land: World) -> None:
    populate("410182", 300, 5)
    first = people()
    phones = numbers()
    populate("410182", 300, 5, replace=True)
    assert people() == first
    assert numbers() == phones
    populate("410182", 300, 6, replace=True)
    assert people() != first


def test_doors_stand_inside_the_outline_in_walking_order_without_gaps(land: World) -> None:
    populate(GRID, 600, 1)
    doors = list(Household.objects.filter(place=GRID).order_by("walking_order"))
    outline = shapely.box(113.30, 34.60, 113.32, 34.62)
    assert all(outline.contains(shapely.Point(d.longitude or 0, d.latitude or 0)) for d in doors)
    assert [d.walking_order for d in doors] == list(range(1, len(doors) + 1))


def test_walking_order_is_much_shorter_than_a_random_walk(land: World) -> None:
    populate(GRID, 600, 1)
    doors = Household.objects.order_by("walking_order")
    points = [(d.longitude or 0.0, d.latitude or 0.0) for d in doors]
    shuffled = sorted(points, key=lambda p: hash(p))
    length = [shapely.LineString(route).length for route in (points, shuffled)]
    assert length[0] < length[1] / 3


def test_a_village_without_outline_and_without_any_point_is_settled_all_the_same(land: World) -> None:
    populate("410182109205", 50, 1)
    assert Household.objects.filter(longitude=None).count() == Household.objects.count() > 0


def test_every_number_is_one_that_nobody_can_have(land: World) -> None:
    populate("410182", 400, 1)
    phones = [c.value.reveal() for c in Contact.objects.filter(kind=Contact.Kind.PHONE)]
    assert len(set(phones)) == len(phones) > 200
    assert all(number.startswith(FICTIONAL) and len(number) == 14 for number in phones)


def test_needs_are_as_frequent_as_in_a_county_and_mostly_have_a_guardian(land: World) -> None:
    populate("410182", 6000, 1)
    frail = Person.objects.filter(vulnerable=True)
    assert 0.08 < frail.count() / 6000 < 0.25
    assert 0.5 < frail.exclude(guardian=None).count() / frail.count() < 0.95
    kinds = [kind for p in frail if p.care for kind in json.loads(p.care.reveal())["kinds"]]
    assert set(kinds) == set(Vulnerability)
    by_size = dict(Household.objects.values_list("residents").annotate(n=Count("id")))
    assert 2.2 < 6000 / sum(by_size.values()) < 2.9


def test_posts_are_held_with_a_few_gaps(land: World) -> None:
    populate("410182", 2000, 1)
    assert Post.objects.filter(place="410182109", kind=Post.Kind.FLOOD).exists()
    assert SpecialSite.objects.exists()
    held = Appointment.objects.filter(role=Appointment.Role.HOLDER).count()
    assert 0.7 < held / Post.objects.count() <= 1
    assert Appointment.objects.filter(role=Appointment.Role.DEPUTY).count() < Post.objects.count()


def test_it_will_not_settle_a_place_twice_unasked(land: World) -> None:
    populate(GRID, 30, 1)
    with pytest.raises(Conflict):
        populate(GRID, 30, 1)
    assert Person.objects.exclude(household=None).count() == 30


def test_replace_never_removes_somebody_who_could_be_real() -> None:
    world = World.build()
    from lastmile.community.people.actions import add_contact

    add_contact(world.residents[0], Contact.Kind.PHONE, "13800138000", 1)
    with pytest.raises(Conflict):
        populate("410182", 30, 1, replace=True)
    assert Person.objects.filter(pk=world.residents[0].pk).exists()
    assert phone().startswith("100")


@pytest.mark.parametrize(("prefix", "residents"), [("999999", 10), ("%", 10), (GRID, 0), (GRID, 5_000_001)])
def test_a_place_without_villages_and_a_mad_number_are_refused(land: World, prefix: str, residents: int) -> None:
    with pytest.raises(Refusal):
        populate(prefix, residents, 1)


def test_the_command_says_what_it_did(land: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("people", "generate", "--place", GRID, "--residents", "40", "--seed", "2")
    assert "40 residents in" in capsys.readouterr().out
    assert Household.objects.count() > 10
