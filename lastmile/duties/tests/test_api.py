from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lastmile.duties import actions
from lastmile.duties.tests.conftest import Office
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db


def post(client: Client, address: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api/v1{address}", body, content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def tap(pk: int, act: str = "done", **more: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "id": pk, "act": act, **more}


def test_the_list_says_what_when_where_and_why(office: Office, client: Client) -> None:
    owed = office.task()
    office.world.login(client, "grid")
    (item,) = client.get("/api/v1/todo").json()["items"]
    assert (item["id"], item["title"], item["tap"]) == (owed.pk, "清理排水沟", True)
    assert "第1网格" in item["why"]
    assert post(client, f"/todo/{owed.pk}/done")["state"] == "done"
    assert post(client, f"/todo/{owed.pk}/undo")["state"] == "open"
    assert post(client, f"/todo/{owed.pk}/accept")["state"] == "accepted"
    assert post(client, f"/todo/{owed.pk}/problem", words="堵了")["title"] == "堵了"
    assert client.get("/api/v1/todo").json()["items"][0]["title"] == "堵了"


def test_taps_are_entered_once_at_their_own_time_and_conflicts_are_told(office: Office, client: Client) -> None:
    first, late, strange = office.task("一"), office.task("二"), office.task("三", "410182109")
    office.world.login(client, "grid")
    actions.done(office.world.officer, late)
    tapped = clock.now()
    clock.forward(hours=3)
    taps = [tap(first.pk, at=tapped.isoformat()), tap(late.pk), tap(strange.pk), tap(2**40)]
    for _sent_twice in range(2):
        results = post(client, "/todo/sync", taps=taps)["results"]
        assert [one["ok"] for one in results] == [True, False, False, False]
        assert all(one["says"] and one["mend"] for one in results if not one["ok"])
    event = first.events.get(what="done")
    assert (event.at, event.entered_at - event.at > timedelta(hours=2)) == (tapped, True)


def test_bad_taps_are_refused_in_words(office: Office, client: Client) -> None:
    owed = office.task()
    office.world.login(client, "grid")
    future = (clock.now() + timedelta(days=1)).isoformat()
    (result,) = post(client, "/todo/sync", taps=[tap(owed.pk, at=future)])["results"]
    assert not result["ok"]
    (result,) = post(client, "/todo/sync", taps=[tap(owed.pk, "problem", words=" ")])["results"]
    assert not result["ok"]
    post(client, "/todo/sync", 422, taps=[tap(owed.pk, "erase")])
    post(client, "/todo/sync", 400, taps=[{**tap(owed.pk), "id": "\x00"}])
    assert owed.events.count() == 1


def test_counts_are_for_those_who_see_the_area(office: Office, client: Client) -> None:
    office.task()
    office.world.login(client, "township")
    (row,) = client.get("/api/v1/todo/counts?place=410182109").json()
    assert (row["place"], row["open"], row["late"]) == ("410182109211", 1, 0)
    assert client.get("/api/v1/todo/counts?place=410181").status_code == 403
    office.world.login(client, "system")
    assert client.get("/api/v1/todo/counts").status_code == 403
