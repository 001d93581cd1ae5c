"""The API of warnings: the same way from draft to all-clear, and the same refusals, as problem details."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.models import AlertEvent, State
from lastmile.alerting.tests.conftest import CONTENT, COUNTY, VILLAGE, Desk

ROOT = "/api/v1/alerts"


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"{ROOT}{path}", body, content_type="application/json")


@pytest.fixture
def people(desk: Desk) -> dict[str, Client]:
    found = {name: Client() for name in ("officer", "approver", "village", "neighbour", "auditor")}
    for name, client in found.items():
        desk.world.login(client, name)
    return found


def test_from_draft_to_all_clear(people: dict[str, Client]) -> None:
    officer, approver = people["officer"], people["approver"]
    made = post(officer, "", place=COUNTY, hazard="rainstorm", colour=1, **CONTENT)
    assert made.status_code == 201, made.json()
    code = made.json()["code"]
    changed = officer.patch(f"{ROOT}/{code}", {"version": 1, "shelter": "中学"}, content_type="application/json")
    assert (changed.json()["shelter"], changed.json()["version"]) == ("中学", 2)
    assert post(officer, f"/{code}/submit", version=2).json()["state"] == State.REVIEW
    assert post(officer, f"/{code}/approve").status_code == 403
    assert post(approver, f"/{code}/approve", version=2).json()["state"] == State.APPROVED
    issued = post(officer, f"/{code}/issue", version=2).json()
    assert issued["identifier"] == AlertEvent.objects.get().identifier
    assert officer.get(f"{ROOT}/{code}/frozen").json()["area"]["geocodes"] == [VILLAGE]
    lift = post(officer, f"/{code}/lift", reason="雨停了").json()["code"]
    post(officer, f"/{lift}/submit")
    post(approver, f"/{lift}/approve")
    assert post(officer, f"/{lift}/issue").status_code == 200
    assert officer.get(f"{ROOT}/{code}").json()["state"] == State.LIFTED
    assert officer.get(ROOT, {"state": "lifted"}).json()["count"] == 1


def test_a_stale_version_is_a_conflict_in_words(desk: Desk, people: dict[str, Client]) -> None:
    code = desk.draft().code
    patch = {"version": 7, "shelter": "x"}
    answer = people["officer"].patch(f"{ROOT}/{code}", patch, content_type="application/json")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"]


def test_a_village_notes_and_does_not_issue(desk: Desk, people: dict[str, Client]) -> None:
    code = desk.issued().alert.code
    village = people["village"]
    made = post(village, f"/{code}/notes", place=VILLAGE, text="到村部二楼")
    assert made.status_code == 201
    assert post(village, f"/{code}/notes", place="410182108", text="x").status_code == 403
    assert village.get(f"{ROOT}/{code}/notes").json()[0]["text"] == "到村部二楼"
    assert village.delete(f"{ROOT}/{code}/notes/{made.json()['id']}").status_code == 200
    for verb in ("issue", "update", "lift", "cancel", "withdraw", "submit", "discard"):
        assert post(village, f"/{code}/{verb}", reason="x").status_code == 403
    assert post(village, "", place=VILLAGE, hazard="flood", colour=1).status_code in (403, 404)


@pytest.mark.parametrize("name", ["neighbour", "auditor"])
def test_a_stranger_learns_nothing(desk: Desk, people: dict[str, Client], name: str) -> None:
    code = desk.draft().code
    assert people[name].get(f"{ROOT}/{code}").status_code == 404
    assert people[name].get(ROOT).json()["count"] == 0
    assert post(people[name], f"/{code}/submit").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": 9},
        {"hazard": "dragon"},
        {"place": "999999"},
        {"audience": {"places": ["nowhere"]}},
        {"audience": {"circles": [[1, 2]]}},
        {"channels": ["pigeon"]},
        {"starts_at": "2021-07-20"},
        {"headline": "\u0000"},
        {"description": "长" * 5000},
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(desk: Desk, people: dict[str, Client], wrong: Any) -> None:
    answer = post(people["officer"], "", **{"place": COUNTY, "hazard": "flood", "colour": 1, **wrong})
    assert 400 <= answer.status_code < 500
    assert people["officer"].get(ROOT).json()["count"] == 0
