"""The register of shelters: entered, changed, found, exported, taken out of service; and the gaps in it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.duties import gaps
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters import sheets
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.models import Shelter
from lastmile.modules.shelters.queries.register import kilometres
from lastmile.modules.shelters.tests.conftest import GRID, VILLAGE, make_shelter
from tests.world import World

FORM = {
    "kind": "school",
    "name": "新学校",
    "place": VILLAGE,
    "area": VILLAGE,
    "capacity": "300",
    "equipment": ["wheelchair", "medical"],
    "contact": "0371-64660000",
    "longitude": "113.33",
    "latitude": "34.63",
}


def gap_names(rule: str) -> list[str]:
    found = gaps.get(rule)
    return [found.what(row) for row in gaps.found(found)]


def test_a_village_enters_a_shelter_and_finds_it_in_the_list(world: World, client: Client) -> None:
    world.login(client, "village")
    assert client.post(f"/shelters/add/{VILLAGE}/", FORM).status_code == 302
    shelter = Shelter.objects.get()
    assert (shelter.capacity, shelter.equipment, shelter.place_id) == (300, ["wheelchair", "medical"], VILLAGE)
    page = client.get("/shelters/?equipment=medical&q=新学").content.decode()
    assert "新学校" in page
    assert "没有人管理" in page
    assert "新学校" not in client.get("/shelters/?equipment=kitchen").content.decode()
    assert AuditEntry.objects.filter(action="shelters.add", place=VILLAGE).count() == 1


def test_what_is_wrong_is_said_in_words_and_nothing_typed_is_lost(world: World, client: Client) -> None:
    world.login(client, "village")
    answer = client.post(f"/shelters/add/{VILLAGE}/", FORM | {"capacity": "0", "latitude": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "经度和纬度要么都填，要么都不填。" in page
    assert "新学校" in page
    assert not Shelter.objects.exists()


def test_a_name_is_used_once_in_a_place(world: World, school: Shelter) -> None:
    with pytest.raises(Conflict, match="同名"):
        make_shelter(world, school.name)


def test_a_shelter_serves_people_of_its_own_county_only(world: World) -> None:
    with pytest.raises(Refusal, match="所在区县"):
        make_shelter(world, area=world.places["410181"])


@pytest.mark.parametrize(("login", "status"), [("grid", 403), ("keeper", 403), ("neighbour", 404), ("approver", 403)])
def test_who_does_not_keep_the_register_can_not_change_it(
    world: World, school: Shelter, client: Client, login: str, status: int
) -> None:
    world.login(client, login)
    assert client.post(f"/shelters/{school.pk}/edit/", FORM).status_code == status
    school.refresh_from_db()
    assert school.capacity == 100


def test_a_shelter_out_of_service_leaves_the_list_and_stays_on_record(
    world: World, school: Shelter, client: Client
) -> None:
    world.login(client, "village")
    client.post(f"/shelters/{school.pk}/close/")
    assert school.name not in client.get("/shelters/?state=service").content.decode()
    assert school.name in client.get("/shelters/?state=closed").content.decode()
    points = client.get("/shelters/points.json").json()
    assert points["features"] == []


def test_the_map_has_every_shelter_with_a_position(world: World, school: Shelter, client: Client) -> None:
    make_shelter(world, "无位置", longitude=None, latitude=None)
    world.login(client, "officer")
    names = [one["properties"]["name"] for one in client.get("/shelters/points.json").json()["features"]]
    assert names == [school.name]
    assert "1 处还没有位置" in client.get("/shelters/map/").content.decode()


def test_distances_are_those_of_the_globe() -> None:
    assert kilometres((113.33, 34.63), (113.33, 35.63)) == pytest.approx(111.2, abs=0.1)


def test_a_village_without_a_shelter_is_a_gap_until_one_serves_it(world: World) -> None:
    both = ["邻村村委会", "王宗店村委会"]
    assert gap_names("no_shelter") == both
    make_shelter(world)
    assert gap_names("no_shelter") == both[:1]
    make_shelter(world, "镇中学", area=world.places["410182109"])
    assert gap_names("no_shelter") == []


def test_a_shelter_is_a_gap_until_somebody_holds_its_keepers_post(world: World, school: Shelter) -> None:
    assert gap_names("shelter_keeper") == [school.name]
    post = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="管理员")
    register.save(school, by=world.officer, keeper=post)
    assert gap_names("shelter_keeper") == [school.name]
    person = world.residents[0]
    Appointment.objects.create(post=post, person=person, role=Appointment.Role.HOLDER, since=clock.today())
    assert gap_names("shelter_keeper") == []


def test_fewer_places_than_vulnerable_residents_is_a_gap(world: World) -> None:
    school = make_shelter(world, capacity=5)
    assert gap_names("shelter_small") == ["王宗店村委会：可容纳 5 人，需帮助的居民 6 人"]
    register.save(school, by=world.officer, capacity=6)
    assert gap_names("shelter_small") == []


def book(world: World, **changes: str) -> bytes:
    """The template with one row filled in."""
    made = load_workbook(io.BytesIO(sheets.template(world.places["410182109"])))
    values = {
        "name": "王宗店小学",
        "type": "学校",
        "village": VILLAGE,
        "grid": "001",
        "capacity": "240",
        "equipment": "无障碍、医疗",
        "keeper": "避难场所管理员",
    } | changes
    made[sheets.SHEET].append([values.get(column.name, "") for column in sheets.COLUMNS])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(client: Client, content: bytes) -> Any:
    return client.post("/shelters/import/410182109/", {"file": SimpleUploadedFile("避难场所.xlsx", content)})


def test_a_workbook_brings_shelters_and_their_keepers_and_again_only_updates(world: World, client: Client) -> None:
    world.login(client, "township")
    assert upload(client, book(world)).status_code == 302
    assert upload(client, book(world, capacity="260")).status_code == 302
    shelter = Shelter.objects.get()
    assert (shelter.capacity, shelter.place_id, shelter.area_id) == (260, GRID, VILLAGE)
    assert shelter.keeper is not None
    assert shelter.keeper.title == "避难场所管理员"


def test_a_mistake_is_named_with_its_cell_and_nothing_is_imported(world: World, client: Client) -> None:
    world.login(client, "township")
    page = upload(client, book(world, type="城堡", capacity="", village="贾峪镇", equipment="游泳池")).content.decode()
    for cell in ("避难场所!B3", "避难场所!C3", "避难场所!G3", "避难场所!H3"):
        assert cell in page
    assert not Shelter.objects.exists()


def test_an_export_can_be_corrected_and_brought_back(world: World, school: Shelter) -> None:
    row = dict(zip([column.name for column in sheets.COLUMNS], sheets.exported(school), strict=True))
    found = sheets.checked(world.places[VILLAGE], "a.xlsx", book(world, **row | {"capacity": "120"}))
    assert found.errors == []
    assert sheets.bring_in(found, by=world.village) == {"known": 1}
    school.refresh_from_db()
    assert (school.capacity, school.longitude) == (120, 113.331)


def test_programs_enter_read_and_close_shelters(world: World, client: Client) -> None:
    world.login(client, "village")
    body = {"place": VILLAGE, "kind": "hall", "name": "礼堂", "capacity": 80}
    made = client.post("/api/v1/shelters", body, "application/json")
    assert made.status_code == 201
    assert made.json()["area"] == VILLAGE
    changed = client.put(f"/api/v1/shelters/{made.json()['id']}", body | {"capacity": 90}, "application/json")
    assert changed.json()["capacity"] == 90
    wrong = client.post("/api/v1/shelters", body | {"kind": "castle", "name": "x"}, "application/json")
    assert wrong.status_code == 400
    assert "kind" in wrong.json()["fields"]
    assert client.post(f"/api/v1/shelters/{made.json()['id']}/close").json()["closed_on"]
    assert client.get("/api/v1/shelters").json() == []
