"""A warning in dispute is kept until somebody releases it with a reason; how long others are kept stands in a table."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.alerting.ending import destroying, holding
from lastmile.alerting.ending.tests.test_destroying import WORDS, event, over, places
from lastmile.alerting.models import AlertEvent, Destruction, Hold
from lastmile.alerting.tests.conftest import Desk, desk, world
from lastmile.kernel import clock, retention
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters.actions import closing
from lastmile.modules.shelters.models import Opening, Shelter, Stay
from tests.world import World

__all__ = ["desk", "event", "world"]  # fixtures
WHY = "信访第12号"


def test_what_is_held_is_not_destroyed_until_it_is_released(event: AlertEvent, world: World) -> None:
    kept = holding.hold(world.security, event.pk, WHY)
    over(60)
    assert destroying.destroy_due() == 0
    assert destroying.destroy(event.pk) == 0
    assert places(WORDS)
    holding.release(world.security, kept.pk, "已结案")
    assert destroying.destroy_due() == 3
    assert not places(WORDS)
    acts = AuditEntry.objects.filter(action__startswith="alerting.hold").order_by("pk")
    assert [(act.action, act.detail["reason"]) for act in acts] == [
        ("alerting.hold", WHY),
        ("alerting.hold_released", "已结案"),
    ]


def test_a_hold_of_an_update_holds_the_whole_warning(event: AlertEvent, world: World, desk: Desk) -> None:
    update = desk.follow(event, "update")
    assert holding.hold(world.security, update.pk, WHY).event_id == event.pk
    over(60)
    assert destroying.destroy_due() == 0
    assert not Destruction.objects.exists()


def test_a_hold_needs_a_reason_and_an_area_and_stands_once(event: AlertEvent, world: World) -> None:
    with pytest.raises(Refusal, match="请写明原因"):
        holding.hold(world.security, event.pk, " 无\0 ")
    for login in ("officer", "system", "auditor"):
        with pytest.raises(NotFound):
            holding.hold(world.users[login], event.pk, WHY)
    kept = holding.hold(world.security, event.pk, WHY)
    with pytest.raises(Conflict):
        holding.hold(world.security, event.pk, WHY)
    holding.release(world.security, kept.pk, "已结案")
    with pytest.raises(Conflict):
        holding.release(world.security, kept.pk, "已结案")
    assert Hold.objects.count() == 1


def test_names_at_a_shelter_wait_for_the_release_too(event: AlertEvent, world: World) -> None:
    village = world.places["410182109211"]
    shelter = Shelter.objects.create(name="小学", place=village, area=village, kind="school", capacity=10)
    opening = Opening.objects.create(
        shelter=shelter, incident=event, places=10, opened_by=world.officer, opened_at=clock.now()
    )
    Stay.objects.filter(incident=event).update(opening=opening)
    Opening.objects.filter(pk=opening.pk).update(closed_at=clock.now())
    kept = holding.hold(world.security, event.pk, WHY)
    clock.forward(days=8)
    assert closing.forget() == 0
    holding.release(world.security, kept.pk, "已结案")
    assert closing.forget() == 1


def test_the_security_administrator_holds_and_releases_on_the_page(
    event: AlertEvent, world: World, client: Client
) -> None:
    over(5)
    world.login(client, "security")
    page = client.get("/destroyed/waiting/").content.decode()
    assert "暴雨" in page
    assert event.identifier not in page  # people know a warning by its headline
    assert client.post(f"/destroyed/warnings/{event.pk}/hold/", {"reason": ""}).status_code == 400
    assert client.post(f"/destroyed/warnings/{event.pk}/hold/", {"reason": WHY}).status_code == 302
    assert WHY in client.get("/destroyed/waiting/").content.decode()
    kept = Hold.objects.get()
    assert client.post(f"/destroyed/holds/{kept.pk}/release/", {"reason": "已结案"}).status_code == 302
    world.login(client, "officer")
    assert "暂缓销毁</button>" not in client.get("/destroyed/waiting/").content.decode()
    assert client.post(f"/destroyed/warnings/{event.pk}/hold/", {"reason": WHY}).status_code == 403


def test_programs_read_certificates_and_hold(event: AlertEvent, world: World, client: Client) -> None:
    over(31)
    world.login(client, "security")
    waiting = client.get("/api/v1/destructions/waiting").json()
    assert [(one["event"], one["hold"]) for one in waiting] == [(event.pk, None)]
    asked, kind = {"reason": WHY}, "application/json"
    made = client.post(f"/api/v1/destructions/warnings/{event.pk}/hold", asked, kind)
    assert made.status_code == 201
    assert client.post(f"/api/v1/destructions/warnings/{event.pk}/hold", asked, kind).status_code == 409
    assert client.post(f"/api/v1/destructions/holds/{made.json()['id']}/release", asked, kind).json()["released_at"]
    destroying.destroy_due()
    assert client.get("/api/v1/destructions/waiting").json() == []
    [one] = client.get("/api/v1/destructions").json()
    assert one["holds"]
    assert one["total"] == 3
    assert client.get(f"/api/v1/destructions/{one['id']}").json() == one
    world.login(client, "neighbour")
    assert client.get("/api/v1/destructions").json() == []
    assert client.get(f"/api/v1/destructions/{one['id']}").status_code == 404
    world.login(client, "system")
    assert client.get("/api/v1/destructions").status_code == 403


def test_days_are_changed_within_the_law_and_the_job_follows(event: AlertEvent, world: World) -> None:
    with pytest.raises(Refusal, match="法律"):
        retention.change(world.security, "event", 181)
    with pytest.raises(NotFound):
        retention.change(world.security, "audit", 3)
    retention.change(world.security, "event", 90)
    over(60)
    assert destroying.destroy_due() == 0
    retention.change(world.security, "event", 10)
    assert destroying.destroy_due() == 3
    act = AuditEntry.objects.filter(action="kernel.retention").latest("pk")
    assert act.detail == {"data": "event", "before": 90, "after": 10}
