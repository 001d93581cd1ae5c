"""Who may do what and why; roles handed on for some days, and gone by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.community.accounts import access, actions, delegation, tasks, tokens
from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import MAY, Role
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Perm, may
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def hand_on(world: World, to: str = "township", days: float = 3, reason: str = "轮休") -> Grant:
    held = Grant.objects.get(user=world.officer, source=None)
    return delegation.hand_on(world.officer, held.pk, to, clock.now() + timedelta(days=days), reason)


def now(user: User) -> User:
    """As the next request reads them."""
    return User.objects.get(pk=user.pk)


def test_a_role_handed_on_gives_the_same_until_its_hour_and_nothing_after(world: World) -> None:
    assert not may(now(world.township), Perm.ALERT_DRAFT, "410182")
    until = hand_on(world).until
    assert until is not None
    assert may(now(world.township), Perm.ALERT_DRAFT, "410182")
    assert may(now(world.officer), Perm.ALERT_DRAFT, "410182")
    with clock.frozen(until - timedelta(seconds=1)):
        assert may(now(world.township), Perm.ALERT_DRAFT, "410182")
    with clock.frozen(until):
        assert not may(now(world.township), Perm.ALERT_DRAFT, "410182")
        assert may(now(world.officer), Perm.ALERT_DRAFT, "410182")


def test_its_end_is_written_down_once(world: World) -> None:
    made = hand_on(world)
    tasks.end_expired(0)
    assert not AuditEntry.objects.filter(action="accounts.grant_expired").exists()
    with clock.frozen(clock.now() + 4 * DAY):
        tasks.end_expired(0)
        tasks.end_expired(0)
    made.refresh_from_db()
    assert made.ended_at == made.until
    assert AuditEntry.objects.filter(action="accounts.grant_expired", object_id=str(world.township.pk)).count() == 1


def test_after_its_end_it_can_be_handed_on_again_though_nothing_has_swept(world: World) -> None:
    hand_on(world)
    with clock.frozen(clock.now() + 4 * DAY):
        hand_on(world)
        assert may(now(world.township), Perm.ALERT_DRAFT, "410182")


def test_what_was_handed_on_ends_with_the_role_it_came_from(world: World) -> None:
    made = hand_on(world)
    actions.end_grant(Grant.objects.get(user=world.officer).pk, by=world.security)
    made.refresh_from_db()
    assert made.ended_at is not None
    assert not may(now(world.township), Perm.ALERT_DRAFT, "410182")


def test_what_was_handed_on_ends_when_its_owner_leaves(world: World) -> None:
    hand_on(world)
    actions.deactivate(world.officer, by=world.security)
    assert not may(now(world.township), Perm.ALERT_DRAFT, "410182")


@pytest.mark.parametrize("who", ["officer", "township"])
def test_it_is_taken_back_or_given_back_by_one_tap(client: Client, world: World, who: str) -> None:
    made = hand_on(world)
    world.login(client, who)
    assert client.post(f"/account/delegations/{made.pk}/end/").status_code == 302
    assert not may(now(world.township), Perm.ALERT_DRAFT, "410182")
    with pytest.raises(Conflict):
        delegation.end(world.officer, made.pk)


def test_a_stranger_ends_nothing_of_it(client: Client, world: World) -> None:
    made = hand_on(world)
    world.login(client, "neighbour")
    assert client.post(f"/account/delegations/{made.pk}/end/").status_code == 404
    own = Grant.objects.get(user=world.officer, source=None)
    world.login(client, "officer")
    assert client.post(f"/account/delegations/{own.pk}/end/").status_code == 404  # a given role is not one's own to end
    assert may(now(world.township), Perm.ALERT_DRAFT, "410182")


def test_what_was_handed_on_is_not_handed_on_again(world: World) -> None:
    made = hand_on(world)
    until = clock.now() + DAY
    with pytest.raises(NotFound):
        delegation.hand_on(now(world.township), made.pk, "village", until, "轮休")
    with pytest.raises(NotFound):
        delegation.hand_on(
            now(world.township), Grant.objects.get(user=world.officer, source=None).pk, "village", until, "x"
        )


@pytest.mark.parametrize("name", ["system", "security", "auditor"])
def test_the_three_offices_are_neither_handed_on_nor_do_they_take_a_role(world: World, name: str) -> None:
    user: User = getattr(world, name)
    assert delegation.mine(user) == []
    with pytest.raises(NotFound):
        delegation.hand_on(user, Grant.objects.get(user=user).pk, "officer", clock.now() + DAY, "轮休")
    with pytest.raises(Refusal):
        hand_on(world, to=name)


@pytest.mark.parametrize(
    "wrong", [{"to": "neighbour"}, {"to": "officer"}, {"to": "nobody"}, {"days": 0}, {"days": 32}, {"reason": "  "}]
)
def test_a_wrong_entry_hands_nothing_on_and_says_why(client: Client, world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        hand_on(world, **wrong)
    assert refused.value.says
    assert refused.value.mend
    assert not Grant.objects.filter(source__isnull=False).exists()
    given: dict[str, Any] = {"to": "township", "days": 3, "reason": "轮休"} | wrong
    until = clock.now() + timedelta(days=given["days"] + 8 / 24)
    held = Grant.objects.get(user=world.officer)
    world.login(client, "officer")
    sent = {"grant": held.pk, "to": given["to"], "until": f"{until:%Y-%m-%dT%H:%M}", "reason": given["reason"]}
    if given["days"]:
        assert client.post("/account/delegations/", sent).status_code == 400
    assert not Grant.objects.filter(source__isnull=False).exists()


def test_whoever_holds_the_role_already_is_not_handed_it(world: World) -> None:
    hand_on(world)
    with pytest.raises(Conflict):
        hand_on(world)


def test_the_page_hands_a_role_on(client: Client, world: World) -> None:
    world.login(client, "officer")
    held = Grant.objects.get(user=world.officer)
    until = clock.now().astimezone(clock.BEIJING) + DAY
    sent = {"grant": held.pk, "to": "township", "until": f"{until:%Y-%m-%dT%H:%M}", "reason": "夜班"}
    page = client.post("/account/delegations/", sent, follow=True).content.decode()
    assert "夜班" in page
    assert Grant.objects.get(source=held).until == until.replace(second=0, microsecond=0)


def test_a_role_given_for_good_outlasts_the_one_that_was_handed_on(world: World) -> None:
    hand_on(world, to="city")
    actions.grant(world.city, Role.DUTY_OFFICER, world.places["410182"], by=world.security)
    with clock.frozen(clock.now() + 9 * DAY):
        assert ("duty_officer", "410182") in [(role.value, code) for role, code in now(world.city).held]


def test_the_security_administrator_gives_a_role_until_a_day(client: Client, world: World) -> None:
    world.login(client, "security")
    until = clock.now().astimezone(clock.BEIJING) + DAY
    sent = {"role": "auditor", "place": "410182", "until": f"{until:%Y-%m-%dT%H:%M}"}
    assert client.post(f"/users/{world.officer.pk}/grant/", sent).status_code == 302
    assert may(now(world.officer), Perm.AUDIT_READ, "410182")
    with clock.frozen(clock.now() + 2 * DAY):
        assert not may(now(world.officer), Perm.AUDIT_READ, "410182")
    over = sent | {"until": "2020-01-01T00:00", "role": "approver"}
    assert client.post(f"/users/{world.officer.pk}/grant/", over).status_code == 400


def test_a_token_of_a_role_handed_on_ends_with_it(world: World) -> None:
    made = hand_on(world)
    _kept, text = tokens.make(now(world.township), made.pk, label="x", days=30, read_only=True)
    assert tokens.owner(text) is not None
    with clock.frozen(clock.now() + 3 * DAY):
        assert tokens.owner(text) is None


@pytest.mark.parametrize("name", ["officer", "grid", "auditor", "approver"])
def test_the_rights_shown_are_the_rights_held(world: World, name: str) -> None:
    user: User = getattr(world, name)
    assert {right.perm for right in access.rights(user)} == {perm for perm in Perm if user.scopes(perm)}
    assert {perm for perm, _roles in access.lacking(user)} == {perm for perm in Perm if not user.scopes(perm)}


@pytest.mark.parametrize("code", ["4101", "410182", "410181", "410182109211"])
@pytest.mark.parametrize("perm", [Perm.ALERT_DRAFT, Perm.AUDIT_READ, Perm.HOUSEHOLD_READ])
def test_the_verdict_is_what_the_door_says(world: World, code: str, perm: Perm) -> None:
    hand_on(world)
    for name in world.users:
        user = now(world.users[name])
        told = access.verdict(user, perm, world.places[code])
        assert told.may == may(user, perm, code), name
        assert told.says, name


def test_the_verdict_names_what_is_missing(client: Client, world: World) -> None:
    world.login(client, "security")
    address = f"/users/{world.grid.pk}/access/"
    asked = client.get(address, {"perm": "alerting:alert:draft", "place": "410182"}).content.decode()
    assert "他们的角色都不含这一项" in asked
    elsewhere = client.get(address, {"perm": "people:household:read", "place": "410181"}).content.decode()
    assert "他们只在第1网格" in elsewhere
    assert client.get(address, {"perm": "alerting:alert:draft", "place": "nowhere"}).status_code == 400
    assert client.get(address, {"perm": "no:such:thing", "place": "410182"}).status_code == 400


def test_a_locked_log_in_is_said_to_do_nothing(world: World) -> None:
    actions.lock(world.officer, by=world.security)
    told = access.verdict(now(world.officer), Perm.ALERT_DRAFT, world.places["410182"])
    assert not told.may


@pytest.mark.parametrize("perm", [Perm.HOUSEHOLD_READ, Perm.SITE_READ, Perm.ALERT_ISSUE])
def test_the_list_of_who_may_names_exactly_those_who_may(world: World, perm: Perm) -> None:
    hand_on(world)
    place = world.places["410182109211"]
    named = {row.user_id for row in access.with_perm(access.holders(place), perm)}
    assert named == {user.pk for user in world.users.values() if may(now(user), perm, place.code)}


def test_whoever_may_see_a_place_sees_who_may_do_what_there(client: Client, world: World) -> None:
    world.login(client, "grid")
    page = client.get("/access/410182109211001/?perm=people:household:read").content.decode()
    assert "officer" in page
    assert "auditor" not in page.split("<tbody", 1)[1].split("</tbody", 1)[0]
    assert f"/users/{world.officer.pk}/" not in page
    assert client.get("/access/410181/").status_code == 404
    assert client.get("/access/999/").status_code == 404
    assert client.get("/access/410182109211001/?export=xlsx").headers["Content-Type"].endswith("sheet")
    world.login(client, "security")
    assert f"/users/{world.officer.pk}/access/" in client.get("/access/410182109211001/").content.decode()


def test_the_api_tells_and_hands_on(client: Client, world: World) -> None:
    world.login(client, "officer")
    mine = client.get("/api/v1/delegations").json()["mine"]
    sent = {"grant": mine[0]["grant"], "to": "township", "until": (clock.now() + DAY).isoformat(), "reason": "轮休"}
    answer = client.post("/api/v1/delegations", sent, content_type="application/json")
    assert answer.status_code == 201
    assert client.post("/api/v1/delegations", sent, content_type="application/json").status_code == 409
    far = sent | {"to": "village", "until": (clock.now() + 99 * DAY).isoformat()}
    assert client.post("/api/v1/delegations", far, content_type="application/json").status_code == 400
    holders = client.get("/api/v1/access/places/410182", {"perm": "alerting:alert:draft"}).json()
    assert {"city", "officer", "township"} == {one["name"] for one in holders}
    world.login(client, "security")
    told = client.get(f"/api/v1/access/users/{world.township.pk}").json()
    assert {one["perm"] for one in told["rights"]} == MAY[Role.DUTY_OFFICER] | MAY[Role.TOWNSHIP_STAFF]
    asked = {"perm": "alerting:alert:draft", "place": "410182"}
    assert client.get(f"/api/v1/access/users/{world.township.pk}/may", asked).json()["may"] is True
    world.login(client, "township")
    assert client.delete(f"/api/v1/delegations/{answer.json()['id']}").status_code == 200
    assert client.get("/api/v1/delegations").json()["in_force"] == []


def test_only_who_tends_log_ins_reads_what_another_may_do(client: Client, world: World) -> None:
    for name in ("officer", "grid", "auditor"):
        world.login(client, name)
        assert client.get(f"/users/{world.township.pk}/access/").status_code == 403
        assert client.get(f"/api/v1/access/users/{world.township.pk}").status_code == 403
        assert client.get("/account/access/").status_code == 200


def test_a_county_does_not_read_the_rights_of_another_countys_log_in(client: Client, world: World) -> None:
    county = actions.create_user(
        "sec-410182", PASSWORD, name="sec", role=Role.SECURITY_ADMIN, place=world.places["410182"], temporary=False
    )
    client.force_login(county)
    assert client.get(f"/users/{world.neighbour.pk}/access/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.grant(world.neighbour, Role.APPROVER, world.places["410181"], by=county)


def told(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get("/").content.decode()


def test_whoever_is_handed_a_role_finds_it_on_their_first_page_until_they_have_read_it(
    world: World, client: Client
) -> None:
    assert "委托给您" not in told(client, world.township)
    made = hand_on(world)
    for other in (world.officer, world.village):
        assert "委托给您" not in told(client, other)
        assert client.post(f"/account/delegations/{made.pk}/seen/").status_code == 404
    page = told(client, world.township)
    assert "委托给您" in page
    assert "轮休" in page
    assert client.post(f"/account/delegations/{made.pk}/seen/").status_code == 302
    assert "委托给您" not in told(client, world.township)
    assert client.post(f"/account/delegations/{made.pk}/seen/").status_code == 404


def test_whoever_loses_it_is_told_and_whoever_ended_it_is_not(world: World, client: Client) -> None:
    made = hand_on(world)
    delegation.end(world.officer, made.pk)
    assert "已收回" not in told(client, world.officer)
    page = told(client, world.township)
    assert "已收回" in page
    assert "委托给您" not in page, "what is over already is not news twice"
    client.post(f"/account/delegations/{made.pk}/seen/")
    assert "已收回" not in told(client, world.township)


def test_the_owner_is_told_that_it_was_given_back(world: World, client: Client) -> None:
    made = hand_on(world)
    delegation.end(world.township, made.pk)
    assert "交还给您" in told(client, world.officer)
    assert "交还给您" not in told(client, world.township)


@pytest.mark.parametrize("how", ["clock", "source"])
def test_it_is_told_that_it_has_ended_by_itself_and_not_for_ever(world: World, client: Client, how: str) -> None:
    made = hand_on(world)
    if how == "clock":
        clock.forward(days=4)
        tasks.end_expired(0)
    else:
        actions.end_grant(Grant.objects.get(user=world.officer).pk, by=world.security)
    made.refresh_from_db()
    assert made.ended_at is not None
    assert "已经结束" in told(client, world.township)
    clock.forward(days=15)
    assert "已经结束" not in told(client, world.township)


def test_programs_read_the_same_news(world: World, client: Client) -> None:
    made = hand_on(world)
    client.force_login(world.township)
    (one,) = client.get("/api/v1/delegations/news").json()
    assert (one["id"], one["over"]) == (made.pk, False)
    assert "轮休" in one["says"]
    assert client.post(f"/api/v1/delegations/{made.pk}/seen").status_code == 200
    assert client.get("/api/v1/delegations/news").json() == []
    assert client.post(f"/api/v1/delegations/{made.pk}/seen").status_code == 404
    client.force_login(world.officer)
    assert client.get("/api/v1/delegations/news").json() == []
