"""Special sites come in by a workbook of their own: chosen from villages, checked by cell, never doubled."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.models import Appointment, Upload
from lastmile.community.people.sheets import sites
from lastmile.community.people.sheets import upload as uploads
from tests.world import World

pytestmark = pytest.mark.django_db
TOWNSHIP = "410182109"
GOOD: list[list[Any]] = [
    [
        "王宗店小学",
        "学校幼儿园",
        "410182109211 荥阳市 崔庙镇 王宗店村委会",
        "001",
        "1组",
        300,
        "",
        "",
        "李校长",
        "10011110002",
    ],
    ["山脚养老院", "养老院", "邻村村委会", "", "", "", "113.3", "34.6", "", ""],
]


def book(world: World, rows: list[list[Any]]) -> bytes:
    made = load_workbook(io.BytesIO(sites.template(world.places[TOWNSHIP])))
    for line, values in enumerate(rows, start=3):
        for column, value in enumerate(values, start=1):
            made[sites.SHEET].cell(line, column, value if value != "" else None)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bring(world: World, rows: list[list[Any]]) -> Upload:
    place = world.places[TOWNSHIP]
    upload = uploads.receive(place, "场所.xlsx", book(world, rows), by=world.township, kind=Upload.Kind.SITES)
    if not upload.errors:
        uploads.start(upload, lambda key: None)
        upload.refresh_from_db()
    return upload


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def test_the_template_offers_the_villages_here_and_its_example_is_not_read(world: World) -> None:
    made = load_workbook(io.BytesIO(sites.template(world.places[TOWNSHIP])))
    listed = [row[0] for row in made[sites.PLACES].iter_rows(min_row=2, values_only=True)]
    assert [text.split()[0] for text in map(str, listed)] == ["410182109205", "410182109211"]
    assert made[sites.SHEET].data_validations.count == 2


def test_sites_come_in_with_their_people_and_a_second_time_changes_nothing(world: World) -> None:
    first = bring(world, GOOD)
    assert (first.state, first.outcome) == (Upload.State.DONE, {"sites_new": 2, "appointments_new": 1})
    school = SpecialSite.objects.get(name="王宗店小学")
    assert (school.place_id, school.capacity) == ("410182109211001", 300)
    assert Appointment.objects.get(post__kind=Post.Kind.SITE).person.name.reveal() == "李校长"
    assert SpecialSite.objects.get(name="山脚养老院").place_id == "410182109205"
    again = bring(world, GOOD)
    assert (again.state, again.outcome, again.content) == (Upload.State.DONE, {}, None)
    assert (SpecialSite.objects.count(), Appointment.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({0: ""}, "A3"),
        ({1: "大学"}, "B3"),
        ({2: "远方村"}, "C3"),
        ({2: ""}, "C3"),
        ({3: "099"}, "D3"),
        ({5: "many"}, "F3"),
        ({9: ""}, "J3"),
        ({0: "山脚养老院", 2: "邻村村委会", 3: ""}, "A4"),
    ],
)
def test_a_mistake_is_named_by_its_cell_and_nothing_comes_in(world: World, change: dict[int, str], cell: str) -> None:
    row = [change.get(column, value) for column, value in enumerate(GOOD[0])]
    upload = bring(world, [row, GOOD[1]])
    assert [where for where, _says in uploads.preview(upload)["errors"]] == [f"{sites.SHEET}!{cell}"]
    assert not SpecialSite.objects.exists()


def test_the_pages_lead_from_template_over_preview_to_import(world: World, client: Client) -> None:
    world.login(client, "township")
    assert f"/sites/in/{TOWNSHIP}/workbook/" in client.get(f"/places/{TOWNSHIP}/").content.decode()
    assert client.get(f"/sites/in/{TOWNSHIP}/template.xlsx").status_code == 200
    file = SimpleUploadedFile("场所.xlsx", book(world, GOOD))
    preview = client.post(f"/sites/in/{TOWNSHIP}/workbook/", {"file": file}, follow=True).content.decode()
    assert "山脚养老院" in preview
    upload = Upload.objects.get()
    client.post(f"/people/uploads/{upload.pk}/import/", follow=True)
    assert SpecialSite.objects.count() == 2
    world.login(client, "neighbour")
    assert client.get(f"/people/uploads/{upload.pk}/").status_code == 404
    assert client.get(f"/sites/in/{TOWNSHIP}/workbook/").status_code == 404
    world.login(client, "grid")
    assert client.get("/sites/in/410182109211001/workbook/").status_code == 403


def test_a_program_may_check_and_import(world: World, client: Client) -> None:
    world.login(client, "township")
    url = f"/api/v1/places/{TOWNSHIP}/sites/workbook"
    kind = "application/octet-stream"
    tried = client.post(f"{url}?dry_run=true", book(world, GOOD), content_type=kind).json()
    assert (tried["imported"], tried["new"], SpecialSite.objects.count()) == (False, 2, 0)
    wrong = client.post(url, book(world, [["", *GOOD[0][1:]]]), content_type=kind).json()
    assert (wrong["imported"], list(wrong["errors"])) == (False, ["重点场所!A3"])
    assert client.post(url, book(world, GOOD), content_type=kind).json()["imported"] is True
    assert client.post(url, b"no workbook", content_type=kind).status_code == 400
    assert SpecialSite.objects.count() == 2
