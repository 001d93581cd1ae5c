"""Loudspeakers and screens come in by a workbook: chosen from villages, checked by cell, never doubled."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.org.models import Post, Terminal
from lastmile.community.people.models import Upload
from lastmile.community.people.sheets import terminals as book_of
from lastmile.community.people.sheets import upload as uploads
from tests.world import World

pytestmark = pytest.mark.django_db
TOWNSHIP, VILLAGE = "410182109", "410182109211"
WHERE = "410182109211 荥阳市 崔庙镇 王宗店村委会"
GOOD: list[list[Any]] = [
    ["WZD-01", "大喇叭", WHERE, "", "村委会楼顶", "播放音频、自带朗读", "", "40", "90", "信息员", "113.3", "34.6"],
    ["LC-LED", "LED屏", "邻村村委会", "", "村口", "显示文字", "24", "", "", "", "", ""],
]


def book(world: World, rows: list[list[Any]]) -> bytes:
    made = load_workbook(io.BytesIO(book_of.template(world.places[TOWNSHIP])))
    for line, values in enumerate(rows, start=3):
        for column, value in enumerate(values, start=1):
            made[book_of.SHEET].cell(line, column, value if value != "" else None)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bring(world: World, rows: list[list[Any]]) -> Upload:
    place, kind = world.places[TOWNSHIP], Upload.Kind.TERMINALS
    upload = uploads.receive(place, "大喇叭.xlsx", book(world, rows), by=world.township, kind=kind)
    if not upload.errors:
        uploads.start(upload, lambda key: None)
        upload.refresh_from_db()
    return upload


@pytest.fixture
def world() -> World:
    made = World.build(people=False)
    Post.objects.get_or_create(place_id=VILLAGE, kind=Post.Kind.INFORMATION, title="信息员")
    return made


def test_terminals_come_in_and_a_second_time_changes_nothing(world: World) -> None:
    first = bring(world, GOOD)
    assert (first.state, first.outcome) == (Upload.State.DONE, {"terminals_new": 2})
    horn, screen = Terminal.objects.get(code="WZD-01"), Terminal.objects.get(code="LC-LED")
    assert (horn.place_id, horn.loudest, horn.speaks, horn.letters) == (VILLAGE, 90, True, 0)
    assert horn.post is not None
    assert horn.post.title == "信息员"
    assert (screen.place_id, screen.plays, screen.letters, screen.loudest) == ("410182109205", False, 24, 100)
    again = bring(world, GOOD)
    assert (again.state, again.outcome) == (Upload.State.DONE, {})
    assert Terminal.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({0: ""}, "A3"),
        ({0: "a/b"}, "A3"),
        ({0: "LC-LED"}, "A4"),
        ({1: "收音机"}, "B3"),
        ({2: "远方村"}, "C3"),
        ({3: "099"}, "D3"),
        ({5: "唱歌"}, "F3"),
        ({5: "显示文字"}, "G3"),
        ({7: "95"}, "I3"),
        ({9: "村长"}, "J3"),
        ({10: "abc"}, "K3"),
    ],
)
def test_a_mistake_is_named_by_its_cell_and_nothing_comes_in(world: World, change: dict[int, str], cell: str) -> None:
    row = [change.get(column, value) for column, value in enumerate(GOOD[0])]
    upload = bring(world, [row, GOOD[1]])
    assert [where for where, _says in uploads.preview(upload)["errors"]] == [f"{book_of.SHEET}!{cell}"]
    assert not Terminal.objects.exists()


def test_a_code_of_another_township_is_not_taken_away(world: World) -> None:
    Terminal.objects.create(code="WZD-01", place=world.places["410182108"], kind="siren")
    upload = bring(world, GOOD)
    assert [where for where, _says in uploads.preview(upload)["errors"]] == [f"{book_of.SHEET}!A3"]
    assert Terminal.objects.get().place_id == "410182108"


def test_the_pages_lead_from_template_over_preview_to_import(world: World, client: Client) -> None:
    world.login(client, "township")
    assert f"/terminals/in/{TOWNSHIP}/workbook/" in client.get(f"/places/{TOWNSHIP}/").content.decode()
    assert client.get(f"/terminals/in/{TOWNSHIP}/template.xlsx").status_code == 200
    file = SimpleUploadedFile("大喇叭.xlsx", book(world, GOOD))
    preview = client.post(f"/terminals/in/{TOWNSHIP}/workbook/", {"file": file}, follow=True).content.decode()
    assert "LC-LED" in preview
    upload = Upload.objects.get()
    done = client.post(f"/people/uploads/{upload.pk}/import/", follow=True).content.decode()
    assert 'href="/terminals/"' in done
    assert Terminal.objects.count() == 2
    world.login(client, "neighbour")
    assert client.get(f"/people/uploads/{upload.pk}/").status_code == 404


def test_a_program_may_check_and_import(world: World, client: Client) -> None:
    world.login(client, "township")
    url, kind = f"/api/v1/places/{TOWNSHIP}/terminals/workbook", "application/octet-stream"
    tried = client.post(f"{url}?dry_run=true", book(world, GOOD), content_type=kind).json()
    assert (tried["imported"], tried["new"], Terminal.objects.count()) == (False, 2, 0)
    assert client.post(url, book(world, GOOD), content_type=kind).json()["imported"] is True
    assert client.post(url, b"no workbook", content_type=kind).status_code == 400
