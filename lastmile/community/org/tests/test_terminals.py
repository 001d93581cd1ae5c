"""Loudspeakers and screens as records: added, found, changed, retired, each with a key of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.community.org import terminals
from lastmile.community.org.models import Post, Terminal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, BESIDE = "410182109211", "410182109205"
HORN: dict[str, Any] = {
    "code": "WZD-01", "kind": "loudspeaker", "place": VILLAGE, "spot": "村委会楼顶", "plays": "on", "quietest": 40,
    "loudest": 100,
}  # fmt: skip


@pytest.fixture
def world(client: Client) -> World:
    made = World.build(people=False)
    made.login(client, "village")
    return made


def add(client: Client, **changes: Any) -> Any:
    return client.post(f"/places/{VILLAGE}/terminals/add/", {**HORN, **changes})


def test_one_is_added_shown_listed_and_audited(client: Client, world: World) -> None:
    post = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.INFORMATION, title="信息员")
    answer = add(client, longitude="113.31", latitude="34.61", post=post.pk)
    horn = Terminal.objects.get()
    assert answer["Location"] == f"/terminals/{horn.pk}/"
    assert (horn.code, horn.place_id, horn.post, horn.letters) == ("WZD-01", VILLAGE, post, 0)
    for url in ("/terminals/", f"/terminals/{horn.pk}/", f"/places/{VILLAGE}/"):
        assert "村委会楼顶" in client.get(url).content.decode()
    assert client.get("/terminals/?export=xlsx").content[:2] == b"PK"
    assert "WZD-01" not in client.get("/terminals/?kind=siren").content.decode()
    assert AuditEntry.objects.filter(action="org.add_terminal", place=VILLAGE).count() == 1
    assert world


@pytest.mark.parametrize(
    "changes",
    [
        {"code": ""},
        {"code": "a/b"},
        {"code": "#"},
        {"code": "大喇叭"},
        {"code": "x" * 31},
        {"code": "a\0b"},
        {"kind": "castle"},
        {"place": BESIDE},
        {"post": "999999"},
        {"site": "nothing"},
        {"plays": ""},
        {"quietest": "90", "loudest": "10"},
        {"loudest": "101"},
        {"letters": "-1"},
        {"longitude": "113.3"},
        {"latitude": "nan", "longitude": "113"},
        {"spot": "长" * 10_000},
    ],
)
def test_bad_input_comes_back_with_words_and_writes_nothing(
    client: Client, world: World, changes: dict[str, str]
) -> None:
    answer = add(client, **changes)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Terminal.objects.exists()
    assert world


def test_a_code_is_there_once_in_the_whole_network(client: Client, world: World) -> None:
    add(client)
    assert add(client, place=VILLAGE + "001").status_code in (409, 422)
    assert Terminal.objects.count() == 1
    assert world


def test_it_is_edited_and_retired(client: Client, world: World) -> None:
    add(client)
    pk = Terminal.objects.get().pk
    client.post(f"/terminals/{pk}/edit/", {**HORN, "spot": "小学", "speaks": "on"})
    assert Terminal.objects.get().speaks
    client.post(f"/terminals/{pk}/retire/")
    assert Terminal.objects.get().closed_on is not None
    assert not terminals.under(VILLAGE).exists()
    assert "WZD-01" in client.get("/terminals/?state=closed").content.decode()
    assert world


def test_its_key_is_shown_with_a_note_and_a_new_one_is_another(client: Client, world: World) -> None:
    add(client)
    horn = Terminal.objects.get()
    first = terminals.key_of("WZD-01", 1)
    assert first not in client.get(f"/terminals/{horn.pk}/").content.decode()
    assert first in client.post(f"/terminals/{horn.pk}/key/").content.decode()
    assert AuditEntry.objects.filter(action="org.show_terminal_key").count() == 1
    renewed = client.post(f"/terminals/{horn.pk}/key/", {"new": "1"}).content.decode()
    assert first not in renewed
    assert terminals.key_of("WZD-01", 2) in renewed
    assert len({first, terminals.key_of("WZD-02", 1), terminals.key_of("WZD-01", 2)}) == 3
    world.login(client, "grid")
    assert client.post(f"/terminals/{horn.pk}/key/").status_code in (403, 404)
    world.login(client, "neighbour")
    assert client.get(f"/terminals/{horn.pk}/").status_code == 404


def test_programs_do_the_same(client: Client, world: World) -> None:
    body = {"code": "WZD-LED", "place": VILLAGE, "kind": "screen", "plays": False, "letters": 24}
    made = client.post("/api/v1/terminals", body, content_type="application/json").json()
    assert (made["code"], made["letters"], made["place"]) == ("WZD-LED", 24, VILLAGE)
    url = f"/api/v1/terminals/{made['id']}"
    assert client.put(url, {**body, "letters": 40}, content_type="application/json").json()["letters"] == 40
    for wrong in ({"kind": "castle"}, {"letters": 0}, {"post": 10**12}, {"longitude": 113.3}, {"quietest": 101}):
        assert client.put(url, {**body, **wrong}, content_type="application/json").status_code == 422
    assert [one["code"] for one in client.get(f"/api/v1/terminals?place={VILLAGE}").json()] == ["WZD-LED"]
    assert client.delete(url).json()["closed_on"]
    assert client.get(f"/api/v1/terminals?place={VILLAGE}").json() == []
    assert world
