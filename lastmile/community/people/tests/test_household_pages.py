"""The pages of doors and residents: masked, scoped, logged, and kind about mistakes."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.people.actions import leave_home, move_in, move_out, new_contact, put_first
from lastmile.community.people.models import Contact, Household, Look, Person, Vulnerability
from lastmile.community.people.queries import look
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE = "410182109211"


@pytest.fixture
def world() -> World:
    return World.build()


def home_of(person: Person) -> Household:
    return Household.objects.get(members=person)


def test_the_list_shows_doors_masked_and_only_of_the_own_area(world: World, client: Client) -> None:
    world.login(client, "grid")
    page = client.get(f"/households/in/{VILLAGE}001/").content.decode()
    assert 'type="search"' in page
    assert "001-1" in page
    assert "第1户" not in page
    assert client.get("/households/").content.decode().count("002-") == 0
    assert client.get("/households/in/410182109205/").status_code == 404


def test_a_door_is_found_by_its_number_and_by_a_members_phone(world: World, client: Client) -> None:
    world.login(client, "village")
    number = world.residents[2].contacts.get().value.reveal()
    found = client.get("/households/", {"q": number}).content.decode()
    assert "001-2" in found
    assert "001-1<" not in found
    assert "002-3" in client.get("/households/", {"q": "002-3"}).content.decode()
    assert AuditEntry.objects.filter(action="people.find_by_contact").count() == 1
    assert number not in str(list(AuditEntry.objects.values()))


def test_filters_find_silent_and_moved_out_households(world: World, client: Client) -> None:
    world.login(client, "village")
    Contact.objects.filter(person__household=world.households[0]).update(usable=False)
    move_out(world.households[1], by=world.village)
    assert "001-1" in client.get("/households/?state=silent").content.decode()
    assert "001-2" not in client.get("/households/?state=silent").content.decode()
    assert "001-2" in client.get("/households/?state=out").content.decode()


def test_the_export_holds_no_open_personal_field(world: World, client: Client) -> None:
    world.login(client, "village")
    sheet = load_workbook(io.BytesIO(client.get("/households/?export=xlsx").content)).active
    assert sheet is not None
    text = str(list(sheet.values))
    assert "001-1" in text
    assert "第1户" not in text
    assert "李村民" not in text


def test_a_household_page_is_masked_until_somebody_says_why(world: World, client: Client) -> None:
    world.login(client, "village")
    person = world.residents[1]
    address = f"/households/{world.households[0].pk}/"
    assert "李村民" not in client.get(address).content.decode()
    refused = client.post(f"/people/{person.pk}/look/", {"reason": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 400
    assert not Look.objects.exists()
    opened = client.post(f"/people/{person.pk}/look/", {"reason": "转移前打电话"}, headers={"HX-Request": "true"})
    assert "李村民" in opened.content.decode()
    noted = Look.objects.get()
    assert (noted.person, noted.actor_name, noted.reason) == (person, "village", "转移前打电话")
    assert AuditEntry.objects.filter(action="people.look", object_id=str(person.pk)).exists()
    assert "转移前打电话" in client.get(f"/people/{person.pk}/looks/").content.decode()


def test_an_approver_sees_masked_households_and_opens_nothing(world: World, client: Client) -> None:
    world.login(client, "approver")
    assert client.get(f"/households/{world.households[0].pk}/").status_code == 200
    assert client.post(f"/people/{world.residents[0].pk}/look/", {"reason": "看看"}).status_code == 403
    with pytest.raises(NotAllowed):
        look(world.approver, world.residents[0], "看看")
    assert not Look.objects.exists()


@pytest.mark.parametrize("name", ["system", "security", "auditor"])
def test_the_three_officers_see_no_residents(world: World, client: Client, name: str) -> None:
    world.login(client, name)
    assert client.get("/households/").status_code == 403


def test_somebody_elses_household_does_not_exist(world: World, client: Client) -> None:
    world.login(client, "neighbour")
    pk, person = world.households[0].pk, world.residents[0].pk
    assert client.get(f"/households/{pk}/").status_code == 404
    for path in (f"/people/{person}/look/", f"/people/{person}/leave/", f"/households/{pk}/move/"):
        assert client.post(path, {"reason": "好奇"}).status_code == 404
    assert Person.objects.get(pk=person).left_on is None


def test_a_household_and_its_first_resident_are_entered(world: World, client: Client) -> None:
    world.login(client, "grid")
    sent = {"place": f"{VILLAGE}001", "number": "001-77", "address": "王宗店村7组7号", "walking_order": "4"}
    client.post(f"/households/in/{VILLAGE}001/add/", sent)
    home = Household.objects.get(number="001-77")
    person = {"name": "张三丰", "born": "1950", "language": "zh", "care": ["elderly"], "phone": "10055556666"}
    client.post(f"/households/{home.pk}/residents/add/", person)
    home.refresh_from_db()
    assert (home.village, home.residents, home.vulnerable) == (VILLAGE, 1, 1)
    assert look(world.grid, home.members.get(), "检查").kinds == [Vulnerability.ELDERLY]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("number", "001-1", "001-1"), ("place", "410182109205", ""), ("walking_order", "-3", ""), ("number", "", "")],
)
def test_a_wrong_household_is_refused_and_nothing_is_lost(
    world: World, client: Client, field: str, value: str, sentence: str
) -> None:
    world.login(client, "village")
    before = Household.objects.count()
    sent = {"place": f"{VILLAGE}001", "number": "001-88", "address": "王宗店村", "walking_order": "4"} | {field: value}
    answer = client.post(f"/households/in/{VILLAGE}/add/", sent)
    assert answer.status_code in {400, 409}
    assert sentence in answer.content.decode()
    assert "王宗店村" in answer.content.decode()
    assert Household.objects.count() == before


@pytest.mark.parametrize(("field", "value"), [("born", "1750"), ("born", "abc"), ("phone", "12"), ("care", "rich")])
def test_a_wrong_resident_is_refused_and_not_half_entered(world: World, client: Client, field: str, value: str) -> None:
    world.login(client, "village")
    before = Person.objects.count()
    sent = {"name": "张三丰", "language": "zh"} | {field: value}
    answer = client.post(f"/households/{world.households[0].pk}/residents/add/", sent)
    assert answer.status_code == 400
    assert "张三丰" in answer.content.decode()
    assert Person.objects.count() == before


def test_editing_opens_the_fields_and_logs_it(world: World, client: Client) -> None:
    world.login(client, "village")
    person = world.residents[0]
    assert "李村民" in client.get(f"/people/{person.pk}/edit/").content.decode()
    assert Look.objects.filter(person=person).count() == 1
    client.post(f"/people/{person.pk}/edit/", {"name": "李大树", "born": "1966", "language": "en", "care": "deaf"})
    person.refresh_from_db()
    assert (person.name.reveal(), person.language, person.vulnerable, person.priority) == ("李大树", "en", True, 1)
    assert home_of(person).vulnerable == 2


def test_leaving_is_undone_by_put_back(world: World, client: Client) -> None:
    world.login(client, "village")
    person = world.residents[1]
    client.post(f"/people/{person.pk}/leave/")
    home = home_of(person)
    assert (home.residents, home.vulnerable) == (1, 0)
    client.post(f"/people/{person.pk}/leave/")
    home.refresh_from_db()
    assert (home.residents, home.vulnerable) == (2, 1)


def test_moving_back_in_brings_only_those_who_left_with_the_household(world: World) -> None:
    home, gone = world.households[0], world.residents[0]
    leave_home(gone, by=world.village, on=home.updated_at.date().replace(year=2020))
    move_out(home, by=world.village)
    assert home.residents == 0
    move_in(home, by=world.village)
    assert [p.pk for p in Person.objects.filter(household=home, left_on=None)] == [world.residents[1].pk]


def test_contacts_are_added_ranked_stopped_used_again_and_deleted(world: World, client: Client) -> None:
    world.login(client, "village")
    person = world.residents[0]
    client.post(f"/people/{person.pk}/contacts/add/", {"kind": "phone", "value": "100 1234 0000"})
    second = person.contacts.get(rank=1)
    for verb, rank, usable in (("first", 0, True), ("stop", 0, False), ("use", 0, True)):
        client.post(f"/people/contacts/{second.pk}/{verb}/")
        second.refresh_from_db()
        assert (second.rank, second.usable) == (rank, usable)
    client.post(f"/people/contacts/{second.pk}/delete/")
    assert person.contacts.count() == 1
    assert client.post(f"/people/{person.pk}/contacts/add/", {"kind": "phone", "value": "x"}).status_code == 400


def test_the_same_number_twice_is_one_contact(world: World) -> None:
    person = world.residents[0]
    first = new_contact(person, Contact.Kind.PHONE, "10077778888", by=world.village)
    put_first(first, by=world.village)
    assert new_contact(person, Contact.Kind.PHONE, "+86 100 7777 8888", by=world.village).pk == first.pk
    with pytest.raises(Refusal):
        new_contact(person, Contact.Kind.EMAIL, "nobody", by=world.village)


def test_a_guardian_is_found_by_phone(world: World, client: Client) -> None:
    world.login(client, "village")
    ward, neighbour = world.residents[1], world.residents[2]
    number = neighbour.contacts.get().value.reveal()
    client.post(f"/people/{ward.pk}/guardian/", {"phone": number})
    ward.refresh_from_db()
    assert ward.guardian == neighbour
    assert client.post(f"/people/{ward.pk}/guardian/", {"phone": "10000001234"}).status_code == 404
    own = ward.contacts.get().value.reveal()
    assert client.post(f"/people/{ward.pk}/guardian/", {"phone": own}).status_code == 400
