"""Mass assignment: fields that no form has are not taken from whoever sends them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.models import Alert
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts.models import User
from lastmile.community.people.models import Household
from lastmile.site.api import api
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
JSON, VILLAGE = "application/json", "410182109211"
# What the system decides and nobody sends.
OURS = re.compile(
    r"^(id|pk|author|approved_by|issued_by|written_by|created_by|entered_by|by|actor|actor_name|is_.*|password.*|must_change.*|"
    r"failed_logins|locked_until|granted_by|issued_at|created_at|closed_at|version_of|digest|owner_id|superuser|identifier)$"
)
EXTRA = {
    "id": 1,
    "pk": 1,
    "is_superuser": True,
    "is_staff": True,
    "is_active": False,
    "password": "chosen by me 47",
    "state": "issued",
    "author": 1,
    "author_id": 1,
    "issued_by": 1,
    "approved_by": 1,
    "colour_code": 1,
    "vulnerable": 99,
    "residents": 99,
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build()


def test_no_body_of_the_api_names_what_the_system_decides_or_takes_what_it_does_not_name() -> None:
    schema = api.get_openapi_schema()
    parts, bodies, wrong = schema["components"]["schemas"], set(), []
    for operations in schema["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                bodies |= set(re.findall(r"schemas/(\w+)", str(content["schema"])))
    for name in bodies:
        wrong += [f"{name}.{field}" for field in parts[name].get("properties", {}) if OURS.match(field)]
        wrong += [name] if parts[name].get("additionalProperties") is True else []
    assert len(bodies) > 40
    assert not wrong


def test_no_form_takes_every_field_of_its_model() -> None:
    everything = re.compile(r"fields = \"__all__\"|^\s+exclude = |\.(create|update)\(\*\*(body|request)", re.MULTILINE)
    sources = [path for path in (ROOT / "lastmile").rglob("*.py") if "tests" not in path.parts]
    assert not [str(path) for path in sources if everything.search(path.read_text())]


def test_a_log_in_can_not_be_made_with_more_than_the_form_has(world: World, client: Client) -> None:
    client.force_login(world.security)
    body = {"username": "neu", "display_name": "新人", "role": "grid_worker", "place": VILLAGE + "001"} | EXTRA
    answer = client.post("/api/v1/users", body, JSON)
    made = User.objects.filter(username="neu").first()
    assert answer.status_code in {200, 201, 422}
    if made:
        assert (made.is_active, made.must_change_password, made.is_staff) == (True, True, False)
        assert not made.check_password(str(EXTRA["password"]))
        assert made.pk != 1 or not User.objects.filter(pk=1).exclude(username="neu").exists()


def test_a_draft_can_not_be_sent_as_issued_or_in_anothers_name(world: World, client: Client) -> None:
    alert = Desk(world).draft()
    client.force_login(world.officer)
    answer = client.patch(f"/api/v1/alerts/{alert.code}", {"headline": "暴雨", "version": alert.version} | EXTRA, JSON)
    assert answer.status_code < 500
    found = Alert.objects.get(pk=alert.pk)
    assert (found.state, found.author_id, found.issued_by_id) == (alert.state, alert.author_id, None)
    page: dict[str, Any] = {"headline": "暴雨", "state": "issued", "author": world.neighbour.pk, "issued_by": 1}
    client.post(f"/alerts/{alert.code}/edit/", page)
    found.refresh_from_db()
    assert (found.state, found.author_id, found.issued_by_id) == (alert.state, alert.author_id, None)


def test_a_household_can_not_be_given_to_another_village_or_counted_by_hand(world: World, client: Client) -> None:
    client.force_login(world.village)
    body = {"place": VILLAGE + "001", "number": "9", "address": "第9户", "village": "410182109205"} | EXTRA
    answer = client.post("/api/v1/households", body, JSON)
    made = Household.objects.filter(number="9").first()
    assert answer.status_code in {200, 201, 422}
    if made:
        assert (made.village, made.residents, made.vulnerable) == (VILLAGE, 0, 0)
    beside = client.post("/api/v1/households", body | {"place": "410182109205"}, JSON)
    assert beside.status_code in {403, 404}
