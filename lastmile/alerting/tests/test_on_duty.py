"""Masked before the warning, open during it for whoever must act and nobody else, masked again after it (ADR 42)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.models import AlertEvent, Kind, Visit
from lastmile.alerting.on_duty import purpose
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.alerting.visits import listing, rounds
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Look, Person
from lastmile.community.people.queries import look
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.modules.mydata.queries import held
from tests.world import PASSWORD, World

GRID, BESIDE, TOWNSHIP = VILLAGE + "001", VILLAGE + "002", VILLAGE[:9]
NAME, JSON = "李村民", "application/json"


def opens(client: Client, world: World, login: str, household: int = 0) -> int:
    """What the household's page gets when it asks by itself."""
    world.login(client, login)
    home = world.households[household].pk
    answer = client.post(f"/households/{home}/open/", headers={"HX-Request": "true"})
    assert (NAME in answer.content.decode()) == (answer.status_code == 200)
    return answer.status_code


def headline(event: AlertEvent) -> str:
    return str(event.frozen["texts"]["zh"]["headline"])


def test_before_a_warning_everything_is_masked_and_a_reason_is_asked(desk: Desk, client: Client) -> None:
    world = desk.world
    world.login(client, "grid")
    page = client.get(f"/households/{world.households[0].pk}/").content.decode()
    assert NAME not in page
    assert 'hx-trigger="load' not in page
    for login in ("grid", "village", "township", "officer"):
        assert opens(client, world, login) == 400, login
    assert not Look.objects.exists()


def test_during_it_the_page_opens_by_itself_for_whoever_goes_to_the_doors(desk: Desk, client: Client) -> None:
    world, event = desk.world, desk.issued()
    for login in ("grid", "village"):
        world.login(client, login)
        page = client.get(f"/households/{world.households[0].pk}/").content.decode()
        assert 'hx-trigger="load' in page
        assert headline(event) in page
        assert NAME not in page, "reading the page opens nothing"
        assert opens(client, world, login) == 200


def test_without_script_it_is_one_button_and_the_whole_page(desk: Desk, client: Client) -> None:
    world = desk.world
    desk.issued()
    world.login(client, "grid")
    page = client.post(f"/households/{world.households[0].pk}/open/").content.decode()
    number = world.residents[0].contacts.get().value.reveal()
    assert "<html" in page
    assert f"tel:{number}" in page
    assert "独居" in page


def test_it_opens_for_nobody_else(desk: Desk, client: Client) -> None:
    world = desk.world
    desk.issued()
    beside = world.places[BESIDE]
    world.users["beside"] = create_user(
        "beside", PASSWORD, name="beside", role=Role.GRID_WORKER, place=beside, temporary=False
    )
    expected = {"beside": 404, "neighbour": 404, "approver": 403, "auditor": 403, "system": 403, "security": 403}
    expected |= {"health": 403, "keeper": 403, "city": 400, "officer": 400, "township": 400}
    assert {login: opens(client, world, login) for login in expected} == expected
    assert opens(client, world, "beside", household=3) == 200, "in their own grid they are on duty"
    assert set(Look.objects.values_list("actor", flat=True)) == {world.users["beside"].pk}


def test_it_opens_for_a_post_that_is_called_and_its_deputy_and_not_for_another(desk: Desk, client: Client) -> None:
    world = desk.world
    Post.objects.filter(place=TOWNSHIP).update(must_answer=True)
    world.township.person = world.staff[TOWNSHIP]
    world.township.save()
    world.officer.person = world.staff["410182"]
    world.officer.save()
    desk.issued()
    assert opens(client, world, "township") == 200
    Appointment.objects.filter(post__place=TOWNSHIP).update(until=clock.today())
    assert opens(client, world, "township") == 400, "who has given the post back is on duty no more"


@pytest.mark.parametrize("kind", [Kind.LIFT, Kind.CANCEL])
def test_after_it_everything_is_masked_again(desk: Desk, client: Client, kind: Kind) -> None:
    world, event = desk.world, desk.issued()
    assert opens(client, world, "grid") == 200
    desk.follow(event, kind)
    assert opens(client, world, "grid") == 400
    assert NAME not in client.get(f"/households/{world.households[0].pk}/").content.decode()


def test_it_ends_to_the_second_whether_or_not_a_worker_has_closed_it(desk: Desk, client: Client) -> None:
    world, event = desk.world, desk.issued()
    again = {"again": "1"}
    url = f"/households/{world.households[0].pk}/open/"
    assert opens(client, world, "grid") == 200
    answer = client.post(url, again, headers={"HX-Request": "true"})
    assert (answer.status_code, "HX-Refresh" in answer) == (204, False)
    clock.forward(seconds=(event.expires_at - clock.now()).total_seconds() + 1)
    event.refresh_from_db()
    assert event.closed_at is None
    world.login(client, "grid")
    answer = client.post(url, again, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (204, "true"), "an open page masks itself"
    assert opens(client, world, "grid") == 400


def test_an_update_goes_on_and_an_exercise_opens_nothing(desk: Desk, client: Client) -> None:
    world = desk.world
    desk.issued(exercise=True)
    assert opens(client, world, "grid") == 400
    update = desk.follow(desk.issued(), Kind.UPDATE)
    assert opens(client, world, "grid") == 200
    assert purpose(world.grid, GRID) == headline(update)


def test_where_nobody_is_warned_nothing_opens(desk: Desk, client: Client) -> None:
    world = desk.world
    desk.issued(audience={"places": [GRID], "groups": ["residents"]})
    assert opens(client, world, "village", household=0) == 200
    assert opens(client, world, "village", household=3) == 400


def test_each_look_is_logged_with_the_warning_once_a_day_and_shown_to_the_resident(desk: Desk, client: Client) -> None:
    world, event = desk.world, desk.issued()
    for _again in range(3):
        assert opens(client, world, "grid") == 200
    person = world.residents[0]
    (row,) = Look.objects.filter(person=person)
    assert (row.actor, row.reason) == (world.grid.pk, headline(event))
    assert Look.objects.count() == 2, "one for each who lives there"
    (seen,) = held.looks(person)
    assert seen.why == headline(event)
    assert "联系方式" in seen.what
    assert "网格员" in seen.who
    assert AuditEntry.objects.filter(action="people.look_many", actor=world.grid.pk).count() == 1
    assert opens(client, world, "village") == 200
    assert len(held.looks(person)) == 2


def test_programs_follow_the_same_rule(desk: Desk, client: Client) -> None:
    world = desk.world
    home, person = world.households[0].pk, world.residents[1].pk

    def ask(path: str, **body: Any) -> Any:
        return client.post(f"/api/v1{path}", body, content_type=JSON)

    world.login(client, "grid")
    assert ask(f"/households/{home}/open").status_code == 400
    assert ask(f"/people/{person}/look").status_code == 400
    desk.issued()
    opened = ask(f"/households/{home}/open").json()
    assert [one["name"] for one in opened] == [NAME, NAME]
    assert ask(f"/people/{person}/look").json()["care"] == ["alone"]
    assert client.get(f"/api/v1/households/{home}").json()["members"][0]["name"] == "李＊＊"
    world.login(client, "officer")
    assert ask(f"/households/{home}/open").status_code == 400
    assert ask(f"/people/{person}/look", reason="核对").status_code == 200


def test_a_look_opens_and_notes_only_the_classes_asked_for(desk: Desk, client: Client) -> None:
    world = desk.world
    person = world.residents[1]
    world.login(client, "officer")
    url = f"/people/{person.pk}/look/"
    page = client.post(url, {"reason": "回访", "choose": "1", "class": ["contact"]}, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert person.contacts.get().value.reveal() in text
    assert NAME not in text
    assert "独居" not in text
    assert Look.objects.get().fields == ["contacts"]
    refused = client.post(url, {"reason": "回访", "choose": "1"}, headers={"HX-Request": "true"})
    assert refused.status_code == 400
    answer = client.post(
        f"/api/v1/people/{person.pk}/look", {"reason": "回访", "classes": ["health"]}, content_type=JSON
    )
    assert (answer.json()["care"], answer.json()["contacts"], answer.json()["name"]) == (["alone"], [], "李＊＊")
    for wrong in ([], ["secret"]):
        body = {"reason": "回访", "classes": wrong}
        assert client.post(f"/api/v1/people/{person.pk}/look", body, content_type=JSON).status_code == 422


def test_the_list_at_the_doors_names_people_to_the_chain_alone(desk: Desk, client: Client) -> None:
    world, event = desk.world, desk.issued()
    clock.forward(minutes=11)
    rounds.tick()
    assert Visit.objects.filter(event=event.pk, place=GRID).count() == 3
    url = f"/api/v1/visits/{event.alert.code}/{GRID}/doors"
    for login, names in (("grid", 3), ("village", 3), ("officer", 0)):
        world.login(client, login)
        answer = client.post(url, {"known": []}, content_type=JSON).json()
        assert (len(answer["doors"]), len(answer["inside"])) == (3, names), login
    with pytest.raises(Refusal):
        listing.opened(world.officer, event, GRID, [world.households[0].pk])


def test_a_reason_that_is_typed_is_kept_during_it_too(desk: Desk) -> None:
    desk.issued()
    look(desk.world.grid, Person.objects.get(pk=desk.world.residents[0].pk), "家属来电询问")
    assert Look.objects.get().reason == "家属来电询问"
