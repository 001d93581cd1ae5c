"""Facts, requests and the ledger for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
API = "/api/v1/facts"
COUNTY, VILLAGE = "410182", "410182109211"


def send(client: Client, path: str, body: dict[str, Any], status: int) -> Any:
    answer = client.post(f"{API}{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def wish(**more: Any) -> dict[str, Any]:
    given = {"place": COUNTY, "title": "摸底", "basis": "条例", "reason": "检查", "under": [VILLAGE]}
    given |= {"fields": ["village.pumps", "people.households"]}
    return given | {"due_at": (clock.now() + timedelta(days=2)).isoformat()} | more


def test_a_request_is_planned_registered_answered_and_read(client: Client) -> None:
    world = World.build()
    world.login(client, "officer")
    assert send(client, "/requests/plan", wish(), 200) == {
        "known": 1,
        "repeated": 0,
        "joined": 0,
        "asked": 1,
        "minutes": 4.0,
    }
    made = send(client, "/requests", wish(), 201)
    assert (made["state"], made["asked"]) == ("open", 1)
    world.login(client, "village")
    (ask,) = client.get(f"{API}/asks").json()
    (question,) = ask["questions"]
    send(client, f"/asks/{ask['id']}/answers", {"answers": [{"cell": question["cell"], "value": "viel"}]}, 400)
    left = send(client, f"/asks/{ask['id']}/answers", {"answers": [{"cell": question["cell"], "value": "7"}]}, 200)
    assert left == {"left": 0}
    world.login(client, "officer")
    table = client.get(f"{API}/requests/{made['id']}").json()
    assert {cell["field"]: cell["value"] for cell in table["lines"][0]["cells"]} == {
        "village.pumps": "7",
        "people.households": "6",
    }
    again = send(client, "/requests", wish(), 201)
    assert again["state"] == "refused"
    send(client, f"/requests/{again['id']}/withdraw", {}, 409)
    assert client.get(f"{API}/requests").json()[0]["id"] == again["id"]
    world.login(client, "auditor")
    assert {line["fields"] for line in client.get(f"{API}/burden", {"place": VILLAGE}).json()} == {1}


def test_facts_are_entered_all_or_none(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "village")
    good = {"field": "village.pumps", "value": "3", "source": "清点"}
    bad = {"field": "village.boats", "value": "x"}
    assert "facts.1" in send(client, f"/places/{VILLAGE}", {"facts": [good, bad]}, 400)["fields"]
    send(client, f"/places/{VILLAGE}", {"facts": [good | {"field": "nothing"}]}, 404)
    send(client, f"/places/{VILLAGE}", {"facts": [good | {"site": 99}]}, 400)
    assert send(client, f"/places/{VILLAGE}", {"facts": [good]}, 201) == {"left": 0}
    facts = {fact["field"]: fact for fact in client.get(f"{API}/places/{VILLAGE}").json()}
    assert (facts["village.pumps"]["value"], facts["village.pumps"]["state"]) == ("3", "fresh")
    assert facts["people.households"]["state"] == "counted"
    assert client.get(f"{API}/places/410181").status_code == 404
    world.login(client, "officer")
    send(client, f"/places/{VILLAGE}", {"facts": [good]}, 403)


def test_a_field_is_defined_once(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "officer")
    given = {"place": COUNTY, "label": "应急灯数量", "type": "whole", "unit": "盏", "owner": "leader"}
    made = send(client, "/fields", given, 201)
    assert made["name"] in {field["name"] for field in client.get(f"{API}/fields").json()}
    send(client, "/fields", given | {"label": "应急灯 数"}, 409)
    send(client, "/fields", given | {"place": "4101"}, 404)
    world.login(client, "village")
    send(client, "/fields", given | {"label": "别的"}, 404)
    send(client, "/fields", given | {"label": "别的", "place": VILLAGE}, 403)


def test_a_code_with_a_null_byte_is_refused(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "officer")
    household = {"place": "41\0", "number": "1", "address": "x"}
    answer = client.post("/api/v1/households", household, content_type="application/json")
    assert answer.status_code == 400
