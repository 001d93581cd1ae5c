"""Responsibility lists: versions, one tap for all hats, the workbook, and what the radar says about them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from lastmile.community.org.models import Post
from lastmile.community.people.actions import appoint
from lastmile.community.people.models import Appointment
from lastmile.duties import gaps, queries, shipped
from lastmile.duties.actions import responsibilities as actions
from lastmile.duties.models import DutyList, DutySignature, Obligation
from lastmile.duties.queries import responsibilities as lists
from lastmile.duties.sheets import HEAD
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, GRID, TOWN = "410182109211", "410182109211001", "410182109"


@pytest.fixture
def world() -> World:
    world = World.build()
    world.village.person = world.staff[VILLAGE]
    world.village.save()
    return world


def leader(code: str = VILLAGE) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def count(world: World, rule: str) -> int:
    return gaps.seen(world.officer, gaps.get(rule)).count()


def test_a_list_is_versioned_signed_with_one_tap_and_signed_anew(world: World, client: Client) -> None:
    assert count(world, "unlisted") == 3  # township, village, grid
    actions.save_list(leader(), shipped.responsibilities(leader()), by=world.township)
    assert (count(world, "unlisted"), count(world, "unsigned")) == (2, 1)
    assert [row.kind for row in queries.todo(world.village)] == ["duties.sign"]
    world.login(client, "village")
    assert "负总责" in client.get("/duties/mine/").content.decode()
    client.post("/duties/sign/")
    assert (count(world, "unsigned"), queries.todo(world.village).count()) == (0, 0)
    assert Obligation.objects.get(kind="duties.sign").state == "done"
    actions.save_list(leader(), shipped.responsibilities(leader()), by=world.township)
    assert DutyList.objects.count() == 1  # the same text is no new version
    actions.save_list(leader(), [{"duty": "看水位"}], by=world.township)
    assert [row.version for row in DutyList.objects.order_by("version")] == [1, 2]
    assert count(world, "unsigned") == 1
    assert DutySignature.objects.count() == 1


def test_a_list_that_is_replaced_is_not_asked_for_any_more(world: World) -> None:
    actions.save_list(leader(), [{"duty": "看水位"}], by=world.township)
    actions.save_list(leader(), [{"duty": "看河道"}], by=world.township)
    assert queries.todo(world.village).count() == 1


def test_duties_of_all_hats_are_merged(world: World) -> None:
    other = Post.objects.create(place_id=GRID, kind=Post.Kind.GRID_WORKER, title="网格员")
    appoint(other, world.staff[VILLAGE], "holder", by=world.village)
    shared = {"duty": "核对电话", "frequency": "每季度"}
    actions.save_list(leader(), [shared, {"duty": "开会"}], by=world.village)
    actions.save_list(other, [shared], by=world.village)
    lines = lists.merged(lists.mine(world.village))
    assert {line["duty"]: len(line["hats"]) for line in lines} == {"核对电话": 2, "开会": 1}
    assert actions.sign(world.village) == 2
    assert actions.sign(world.village) == 0


def test_duties_of_a_vacant_post_are_a_gap(world: World) -> None:
    actions.save_list(leader(), [{"duty": "看水位"}], by=world.village)
    Appointment.objects.filter(post=leader()).update(until=clock.today())
    assert (count(world, "orphan"), count(world, "unsigned")) == (1, 0)


def test_the_shipped_lists_go_to_every_post_without_one(world: World) -> None:
    Post.objects.create(place_id=GRID, kind=Post.Kind.GRID_WORKER, title="网格员")
    actions.save_list(leader(), [{"duty": "看水位"}], by=world.village)
    assert actions.adopt(TOWN, by=world.township) == 2  # the township's leader and the grid worker
    assert actions.adopt(TOWN, by=world.township) == 0
    assert lists.in_force(leader()).lines[0]["duty"] == "看水位"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    "lines", [[], [{"duty": ""}], [{"basis": "法"}], [{"duty": "长" * 201}], [{"duty": str(n)} for n in range(41)]]
)
def test_a_list_nobody_can_use_is_refused(world: World, lines: list[dict[str, str]]) -> None:
    with pytest.raises(Refusal):
        actions.save_list(leader(), lines, by=world.village)
    assert not DutyList.objects.exists()


def sheet(rows: list[list[Any]], head: list[str] = HEAD) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    page.title = "1"
    for row in [head, *rows]:
        page.append(row)
    book.save(out)
    return SimpleUploadedFile("lists.xlsx", out.getvalue())


def test_a_workbook_goes_out_and_comes_back(world: World, client: Client) -> None:
    world.login(client, "village")
    answer = client.get("/duties/lists/?export=lists")
    rows = [list(row) for row in load_workbook(io.BytesIO(answer.content))["1"].iter_rows(values_only=True)]
    assert rows[0] == HEAD
    mine = next(row for row in rows if row[0] == leader().pk)
    filled = [*mine[:3], "看水位", "防汛条例", "每天", "", "", ""]
    assert client.post("/duties/lists/workbook/", {"file": sheet([filled, [*filled[:3], "看河道"]])}).status_code == 302
    assert [line["duty"] for line in DutyList.objects.get().lines] == ["看水位", "看河道"]


def test_a_workbook_without_its_columns_writes_nothing(world: World, client: Client) -> None:
    world.login(client, "village")
    good = [leader().pk, "", "", "看水位"]
    bad = [
        sheet([good], HEAD[:-1]),
        sheet([good, [leader(TOWN).pk, "", "", "别处的岗位"]]),
        sheet([good, ["abc", "", "", "看河道"]]),
        sheet([good, [leader().pk, "", "", "", "只有依据"]]),
        SimpleUploadedFile("lists.xlsx", b"nonsense"),
    ]
    for file in bad:
        answer = client.post("/duties/lists/workbook/", {"file": file})
        assert answer.status_code == 422
        assert "alert-danger" in answer.content.decode()
    assert not DutyList.objects.exists()


def test_a_list_is_written_on_its_page(world: World, client: Client) -> None:
    world.login(client, "village")
    address = f"/duties/lists/{leader().pk}/edit/"
    assert "负总责" in client.get(address).content.decode()  # the shipped one is proposed
    form = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-duty": "看水位", "form-1-basis": "没有职责"}
    assert client.post(address, form).status_code == 422
    form["form-1-duty"] = "看河道"
    assert client.post(address, form).status_code == 302
    page = client.get(f"/duties/lists/{leader().pk}/").content.decode()
    assert "看河道" in page
    assert client.get(f"/duties/lists/{leader(TOWN).pk}/").status_code == 404
    assert client.get("/duties/lists/?stands=unsigned").content.decode().count("/duties/lists/") > 1
    world.login(client, "grid")
    assert client.post(address, form).status_code == 403


def test_programs_read_write_and_sign(world: World, client: Client) -> None:
    world.login(client, "village")
    address = f"/api/v1/posts/{leader().pk}/duties"
    assert client.get(address).status_code == 404
    put = client.put(address, '[{"duty": "看水位"}]', content_type="application/json")
    assert put.json()["lines"][0]["evidence"] == ""
    assert client.put(address, "[]", content_type="application/json").status_code == 400
    assert client.get("/api/v1/duties/mine").json()[0]["signed"] is False
    assert client.post("/api/v1/duties/sign").json() == {"signed": 1}
