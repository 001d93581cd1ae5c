"""Plan areas by page, program and workbook: who may, what is said when something is wrong, nothing by halves."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import sheets
from lastmile.alerting.plan_areas.tests.areas import GRID, OTHER, area, around, homes, silence
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.community.org.models import Place, Post
from lastmile.kernel import clock
from lastmile.modules.shelters.models import Shelter


def test_the_pages_enter_show_change_and_close(desk: Desk, client: Client) -> None:
    desk.world.login(client, "village")
    form = {"name": "东岭坡脚", "hazard": "flash_flood", "places": [OTHER], "destination": "后山", "geojson": ""}
    assert client.get(f"/plan-areas/of/{VILLAGE}/new/").status_code == 200
    assert client.post(f"/plan-areas/of/{VILLAGE}/new/", form).status_code == 302
    one = PlanArea.objects.get()
    silence(homes(OTHER)[0])
    page = client.get(f"/plan-areas/{one.pk}/").content.decode()
    assert homes(OTHER)[0].number in page
    assert "后山" in page
    assert "东岭坡脚" in client.get("/plan-areas/").content.decode()
    assert client.post(f"/plan-areas/{one.pk}/assign/").status_code == 302
    assert client.post(f"/plan-areas/{one.pk}/assign/").status_code == 400
    bad = client.post(f"/plan-areas/{one.pk}/edit/", form | {"geojson": "{"})
    assert bad.status_code == 422
    assert "GeoJSON" in bad.content.decode()
    drawn = json.dumps(around(homes(GRID)[0]))
    assert client.post(f"/plan-areas/{one.pk}/edit/", form | {"geojson": drawn}).status_code == 302
    one.refresh_from_db()
    assert len(one.area["polygons"]) == 1
    assert client.get(f"/plan-areas/{one.pk}/").status_code == 200
    assert client.post(f"/plan-areas/{one.pk}/close/").status_code == 302
    assert "东岭坡脚" not in client.get("/plan-areas/").content.decode()
    assert "东岭坡脚" in client.get("/plan-areas/?state=closed").content.decode()


def test_it_is_seen_and_changed_by_those_of_its_place(desk: Desk, client: Client) -> None:
    one = area(desk)
    silence(homes(OTHER)[0])
    for login, seen, changed in (("neighbour", 404, 404), ("approver", 200, 403), ("grid", 404, 404)):
        desk.world.login(client, login)
        assert client.get(f"/plan-areas/{one.pk}/").status_code == seen, login
        assert client.post(f"/plan-areas/{one.pk}/assign/").status_code in (changed, 403), login
        assert client.get(f"/api/v1/plan-areas/{one.pk}").status_code == seen, login


def test_programs_do_the_same(desk: Desk, client: Client) -> None:
    desk.world.login(client, "village")
    body = {"place": VILLAGE, "name": "东岭坡脚", "hazard": "flash_flood", "places": [OTHER], "destination": "后山"}

    def call(method: str, path: str, **data: Any) -> Any:
        return client.generic(method, f"/api/v1/plan-areas{path}", json.dumps(data), content_type="application/json")

    made = call("POST", "", **body)
    assert made.status_code == 201
    number = made.json()["id"]
    silence(homes(OTHER)[0])
    assert client.get(f"/api/v1/plan-areas/{number}/uncovered").json()["nobody"] == 1
    assert call("POST", f"/{number}/assign").json() == {"asked": 1}
    changed = call("PUT", f"/{number}", name="东岭", places=[OTHER], hazard="")
    assert (changed.status_code, changed.json()["name"]) == (200, "东岭")
    assert call("PUT", f"/{number}", name="东岭", places=[OTHER], hazard="plague").status_code == 400
    assert call("PUT", f"/{number}", name="东岭", places=["999999"]).status_code == 400
    assert call("PUT", f"/{number}", name="东岭", places=[OTHER], post=2**31 - 1).status_code == 404
    assert [row["id"] for row in client.get(f"/api/v1/plan-areas?place={VILLAGE}").json()] == [number]
    assert call("POST", f"/{number}/close").json()["closed_on"] == clock.today().isoformat()
    assert client.get("/api/v1/plan-areas/2147483648").status_code == 404


def upload(client: Client, content: bytes) -> Any:
    return client.post(f"/plan-areas/of/{VILLAGE}/book/", {"file": SimpleUploadedFile("a.xlsx", content)})


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_goes_out_and_comes_back(desk: Desk, client: Client) -> None:
    shelter = Shelter.objects.create(place_id=VILLAGE, area_id=VILLAGE, kind="school", name="中心小学", capacity=100)
    post = Post.objects.create(place_id=VILLAGE, kind="other", title="东岭包片")
    one = area(desk, hazard="flash_flood", shelters=[shelter.pk], post=post, polygons=[around(homes(GRID)[0])])
    desk.world.login(client, "village")
    book = load_workbook(io.BytesIO(client.get(f"/plan-areas/of/{VILLAGE}/export/").content))
    sheet = book[sheets.SHEET]
    assert [cell.value for cell in sheet[3]][:5] == ["东岭坡脚", "山洪", VILLAGE, OTHER, "中心小学"]
    sheet["A4"], sheet["D4"], sheet["B4"] = "西沟", GRID, "所有灾种"
    sheet["H3"] = "2027 年预案"
    sent = upload(client, saved(book))
    assert sent.status_code == 302, sent.content.decode()
    one.refresh_from_db()
    assert (one.basis, one.hazard, one.shelters, one.post_id) == ("2027 年预案", "flash_flood", [shelter.pk], post.pk)
    assert len(one.area["polygons"]) == 1
    assert PlanArea.objects.get(name="西沟").area["places"] == [GRID]


@pytest.mark.parametrize(
    ("cell", "value", "says"),
    [
        ("B3", "洪荒之力", "B3"),
        ("C3", "410181", "C3"),
        ("D3", "999", "D3"),
        ("E3", "不存在的学校", "E3"),
        ("G3", "不存在的岗位", "G3"),
        ("I3", "{", "3"),
        ("A3", "", "A3"),
    ],
)
def test_a_mistake_is_named_with_its_cell_and_nothing_is_written(
    desk: Desk, client: Client, cell: str, value: str, says: str
) -> None:
    book = load_workbook(io.BytesIO(sheets.book(Place.objects.get(pk=VILLAGE), [area(desk)])))
    book[sheets.SHEET][cell] = value
    book[sheets.SHEET]["F3"] = "改了"
    desk.world.login(client, "village")
    answer = upload(client, saved(book))
    assert answer.status_code == 400
    assert f"{sheets.SHEET}!" in answer.content.decode()
    assert says in answer.content.decode()
    assert PlanArea.objects.get().destination == "村委会后山"


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused(desk: Desk, client: Client, content: bytes) -> None:
    desk.world.login(client, "village")
    assert upload(client, content).status_code in (400, 413, 422)
