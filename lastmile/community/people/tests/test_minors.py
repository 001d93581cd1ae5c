"""Who counts as a child: by the year of birth, else by the entry; and only as long as that is true."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from lastmile.community.people import actions
from lastmile.community.people.actions import add_person, grown
from lastmile.community.people.models import Person, Vulnerability
from lastmile.community.people.tests.test_workbook import GOOD, VILLAGE, bring, plain
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
CHILD = [Vulnerability.CHILD]


@pytest.fixture
def world() -> World:
    return World.build(households=1)


def entered(world: World, **values: Any) -> Person:
    home = world.households[0]
    return add_person(name="李小娃", place=home.place, household=home, **values)


def this_year() -> int:
    return clock.today().year


@pytest.mark.parametrize(
    ("age", "care", "minor"),
    [(6, [], True), (17, [], True), (18, [], False), (40, CHILD, False), (None, CHILD, True), (None, [], False)],
)
def test_the_year_of_birth_decides_and_else_the_entry(
    world: World, age: int | None, care: list[Vulnerability], minor: bool
) -> None:
    born = None if age is None else this_year() - age
    assert entered(world, born=born, care=care).minor is minor


def test_an_edit_counts_what_stays_as_well(world: World) -> None:
    child = entered(world, born=this_year() - 6)

    def edited(**changes: Any) -> bool:
        return actions.edit_person(child, by=world.village, **changes).minor

    assert edited(care=[], note="")  # the year still says so
    assert not edited(born=this_year() - 30)
    assert edited(born=None, care=CHILD, note="")
    assert not edited(care=[], note="")  # no longer entered as a child, and no year is known


def test_a_workbook_mends_who_was_entered_before_it_was_counted(world: World) -> None:
    rows = {**GOOD, "居民": [[*GOOD["居民"][0]], [*GOOD["居民"][1]]]}
    rows["居民"][1][2] = this_year() - 9
    bring(plain(rows), world)
    child = Person.objects.get(household__number="002-1", household__village=VILLAGE)
    assert child.minor is True
    Person.objects.filter(pk=child.pk).update(minor=False)
    assert bring(plain(rows), world)["residents_changed"] == 1
    assert Person.objects.get(pk=child.pk).minor is True
    assert bring(plain(rows), world) == {}
    assert Person.objects.filter(place__code__startswith=VILLAGE, minor=True).count() == 1


def test_a_workbook_without_year_keeps_the_year_that_is_known(world: World) -> None:
    rows = {**GOOD, "居民": [GOOD["居民"][0], [*GOOD["居民"][1]]]}
    rows["居民"][1][2] = this_year() - 9
    bring(plain(rows), world)
    rows["居民"][1][2], rows["居民"][1][7] = "", "残疾"
    bring(plain(rows), world)
    assert Person.objects.get(household__number="002-1", household__village=VILLAGE).minor is True


def test_coming_of_age_is_noticed_by_itself(world: World) -> None:
    child, youth = entered(world, born=this_year() - 6), entered(world, born=this_year() - 17)
    nobody_knows = entered(world, care=CHILD)
    assert grown.renew() == 0
    clock.forward(days=366)
    assert grown.renew() == 1
    minors = set(Person.objects.filter(minor=True).values_list("pk", flat=True))
    assert minors == {child.pk, nobody_knows.pk}
    assert youth.pk not in minors
    assert grown.renew() == 0


def test_the_migration_finds_the_children_entered_before(world: World) -> None:
    child, entered_as_one = entered(world, born=this_year() - 6), entered(world, care=CHILD)
    Person.objects.update(minor=False)
    import_module("lastmile.community.people.migrations.0010_minors").tell(apps, None)
    assert set(Person.objects.filter(minor=True).values_list("pk", flat=True)) == {child.pk, entered_as_one.pk}


def test_a_value_that_no_key_opens_stops_nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, child = entered(world, born=1990), entered(world, born=this_year() - 6)
    Person.objects.filter(pk=broken.pk).update(born=b"\x63" * 40, minor=True)
    Person.objects.filter(pk=child.pk).update(minor=False)
    assert grown.renew(Person.objects.all()) == 1
    assert Person.objects.get(pk=broken.pk).minor is True


def test_the_page_and_the_api_say_who_is_a_child(world: World, client: Client) -> None:
    child = entered(world, born=this_year() - 6)
    world.login(client, "village")
    assert "未成年" in client.get(f"/households/{child.household_id}/").content.decode()
    members = client.get(f"/api/v1/households/{child.household_id}").json()["members"]
    assert [member["minor"] for member in members if member["id"] == child.pk] == [True]
    grown_up = [member["minor"] for member in members if member["id"] != child.pk]
    assert grown_up == [False, False]
