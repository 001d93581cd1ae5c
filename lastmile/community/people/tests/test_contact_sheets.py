"""A sheet says the same as the contacts it was made from, or is not believed."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from lastmile.community.people import actions, contact_sheets
from lastmile.community.people.models import Contact, ContactSheet, ContactSheetDue, Person
from lastmile.community.people.queries import reach
from lastmile.community.people.queries.reach import LABEL
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from tests.world import World, phone

pytestmark = pytest.mark.django_db


def believed(kind: str = "phone") -> dict[int, str]:
    """What the sheets that are not due say."""
    due = set(ContactSheetDue.objects.values_list("place", flat=True))
    found: dict[int, str] = {}
    for sheet in ContactSheet.objects.filter(kind=kind).exclude(place__in=due):
        found |= zip(sheet.persons, contact_sheets.addresses(sheet.addresses.data), strict=True)
    return found


def known(kind: str = "phone") -> dict[int, str]:
    """What the contacts themselves say."""
    persons, sealed = reach(list(Person.objects.values_list("pk", flat=True)), kind)
    return dict(zip(persons, keyring().decrypt_many(sealed, LABEL), strict=True))


def test_the_sheets_say_what_the_contacts_say() -> None:
    World.build()
    assert believed() == {}
    assert contact_sheets.renew_all() > 0
    assert believed() == known()
    assert contact_sheets.renew() == 0


def test_a_changed_number_makes_its_place_due_and_no_other() -> None:
    world = World.build()
    contact_sheets.renew_all()
    resident = world.residents[0]
    actions.add_contact(resident, "phone", "10099990000", rank=0)
    assert set(ContactSheetDue.objects.values_list("place", flat=True)) == {resident.place_id}
    assert resident.pk not in believed()
    assert world.residents[-1].pk in believed()


def test_an_answer_on_a_number_makes_nothing_due() -> None:
    World.build()
    contact_sheets.renew_all()
    Contact.objects.update(confirmed_at=clock.now())
    assert not ContactSheetDue.objects.exists()


def test_who_moves_makes_both_places_due() -> None:
    world = World.build()
    contact_sheets.renew_all()
    mover, there = world.residents[0], world.residents[-1].place
    before = mover.place_id
    Person.objects.filter(pk=mover.pk).update(place=there)
    assert set(ContactSheetDue.objects.values_list("place", flat=True)) == {before, there.pk}


def test_a_change_that_is_taken_back_makes_nothing_due() -> None:
    World.build()
    contact_sheets.renew_all()
    with transaction.atomic():
        Contact.objects.update(usable=False)
        assert ContactSheetDue.objects.exists()
        transaction.set_rollback(True)
    assert not ContactSheetDue.objects.exists()
    assert believed() == known()


def test_one_contact_that_cannot_be_opened_is_left_out_alone() -> None:
    world = World.build()
    broken = world.residents[0]
    Contact.objects.filter(person=broken).update(value=b"\x01" + b"broken" * 9)
    contact_sheets.renew_all()
    assert broken.pk not in believed()
    assert len(believed()) == Contact.objects.filter(kind="phone").count() - 1


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_a_believed_sheet_is_right(seed: int) -> None:
    chance = random.Random(seed)
    world = World.build()
    places = [world.places[code] for code in ("410182109211001", "410182109211002", "410182109211")]

    def someone() -> Person:
        return Person.objects.get(pk=chance.choice(world.residents).pk)

    changes: list[Callable[[], object]] = [
        lambda: Contact.objects.filter(person=someone()).update(usable=chance.random() < 0.5),
        lambda: Contact.objects.filter(person=someone()).delete(),
        lambda: actions.add_contact(someone(), "phone", phone(), rank=chance.randrange(3)),
        lambda: actions.add_contact(someone(), "email", f"p{chance.randrange(10**9)}@example.cn"),
        lambda: Person.objects.filter(pk=someone().pk).update(place=chance.choice(places)),
        lambda: Contact.objects.filter(person=someone()).update(rank=chance.randrange(5)),
        contact_sheets.renew,
    ]
    for _step in range(40):
        chance.choice(changes)()
        for kind in ("phone", "email"):
            truth = known(kind)
            assert believed(kind).items() <= truth.items()
    contact_sheets.renew_all()
    assert believed() == known()
    assert believed("email") == known("email")


def test_an_emptied_table_leaves_no_sheet() -> None:
    World.build()
    contact_sheets.renew_all()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE people_contact")
    assert believed() == {}


def test_a_sheet_says_behind_which_door_each_lives_and_a_move_next_door_makes_it_old() -> None:
    world = World.build()
    contact_sheets.renew_all()
    sheet = ContactSheet.objects.get(place=world.residents[0].place_id, kind="phone")
    lives = dict(Person.objects.filter(pk__in=sheet.persons).values_list("pk", "household_id"))
    assert dict(zip(sheet.persons, sheet.homes, strict=True)) == {key: home or 0 for key, home in lives.items()}
    mover = world.residents[0]
    other = next(home for home in world.households if home.pk != mover.household_id and home.place_id == mover.place_id)
    Person.objects.filter(pk=mover.pk).update(household=other)
    assert set(ContactSheetDue.objects.values_list("place", flat=True)) == {mover.place_id}
