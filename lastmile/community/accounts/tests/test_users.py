"""The security administrator gives log-ins and roles, in their area, and never to themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from lastmile.community.accounts import actions, queries
from lastmile.community.accounts.models import FOREVER, Grant, User
from lastmile.community.accounts.roles import MAY, Role
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Perm
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client: Client) -> World:
    world = World.build(people=False)
    world.login(client, "security")
    return world


@pytest.fixture
def county(world: World) -> User:
    """A security administrator of one county."""
    return actions.create_user(
        "sec-410182", PASSWORD, name="sec", role=Role.SECURITY_ADMIN, place=world.places["410182"], temporary=False
    )


def post(client: Client, path: str, **data: str) -> Any:
    return client.post(path, data)


def create(client: Client, **changes: str) -> Any:
    data = {"username": "new.one", "display_name": "新值班员", "role": "duty_officer", "place": "410182"} | changes
    return post(client, "/users/new/", **data)


def test_a_new_login_gets_a_password_that_is_shown_once_and_works(client: Client, world: World) -> None:
    page = create(client).content.decode()
    shown = re.search(r'id="secret" readonly value="([^"]+)"', page)
    assert shown
    visitor = Client()
    answer = visitor.post("/login/", {"username": "new.one", "password": shown[1]}, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/password/"
    assert shown[1] not in client.get(f"/users/{User.objects.get(username='new.one').pk}/").content.decode()


def test_the_place_may_be_named(client: Client, world: World) -> None:
    assert create(client, place="荥阳市").status_code == 200
    assert Grant.objects.get(user__username="new.one").place_id == "410182"


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "Bad Name"},
        {"username": "officer"},
        {"role": "king"},
        {"place": "999999"},
        {"place": ""},
        {"role": "duty_officer", "place": "410182109"},
        {"role": "grid_worker", "place": "410182"},
        {"display_name": "x" * 61},
    ],
)
def test_a_wrong_entry_makes_nothing(client: Client, world: World, wrong: dict[str, str]) -> None:
    before = User.objects.count()
    assert create(client, **wrong).status_code == 400
    assert User.objects.count() == before


def test_a_county_can_not_make_logins_for_its_neighbour(client: Client, county: User) -> None:
    client.force_login(county)
    assert create(client, place="410181").status_code == 400
    assert create(client, place="4101").status_code == 400
    assert create(client, place="410182").status_code == 200


def test_a_county_neither_sees_nor_takes_over_the_citys_logins(client: Client, world: World, county: User) -> None:
    assert not queries.visible(county).filter(username="city").exists()
    actions.grant(world.city, Role.DUTY_OFFICER, world.places["410182"], by=None)
    city = queries.user(county, world.city.pk)
    with pytest.raises(NotAllowed):
        actions.reset_password(city, by=county)
    client.force_login(county)
    assert post(client, f"/users/{city.pk}/lock/").status_code == 403


def test_nobody_gives_themselves_a_role_or_opens_their_own_lock(world: World) -> None:
    with pytest.raises(NotAllowed):
        actions.grant(world.security, Role.DUTY_OFFICER, world.places["4101"], by=world.security)
    with pytest.raises(NotAllowed):
        actions.unlock(world.security, by=world.security)
    with pytest.raises(NotAllowed):
        actions.end_grant(Grant.objects.get(user=world.security).pk, by=world.security)


@pytest.mark.parametrize("first", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("second", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_no_login_holds_two_of_the_three_offices(world: World, first: Role, second: Role) -> None:
    actions.grant(world.officer, first, world.places["4101"], by=world.security)
    if first is second:
        actions.grant(world.officer, second, world.places["410182"], by=world.security)
    else:
        with pytest.raises(Refusal, match=r"三员分立|can.t hold two"):
            actions.grant(world.officer, second, world.places["410182"], by=world.security)


def test_only_the_security_administrator_changes_logins(client: Client, world: World) -> None:
    for name in ("system", "officer", "auditor", "township", "approver", "grid"):
        world.login(client, name)
        assert create(client).status_code == 403, name
        assert post(client, f"/users/{world.village.pk}/password/").status_code == 403, name
        assert post(client, f"/users/{world.village.pk}/grant/", role="auditor", place="4101").status_code == 403, name


def test_the_system_administrator_may_look(client: Client, world: World) -> None:
    world.login(client, "system")
    assert client.get("/users/").status_code == 200
    page = client.get(f"/users/{world.officer.pk}/")
    assert page.status_code == 200
    assert "/lock/" not in page.content.decode()


def test_a_lock_ends_the_session_until_it_is_opened(client: Client, world: World) -> None:
    officer = Client()
    world.login(officer, "officer")
    post(client, f"/users/{world.officer.pk}/lock/")
    assert User.objects.get(pk=world.officer.pk).locked_until == FOREVER
    assert officer.get("/").status_code == 302
    assert post(client, f"/users/{world.officer.pk}/dance/").status_code == 404
    post(client, f"/users/{world.officer.pk}/unlock/")
    assert officer.get("/").status_code == 200


def test_a_reset_ends_sessions_and_opens_a_lock_after_wrong_passwords(client: Client, world: World) -> None:
    officer = Client()
    world.login(officer, "officer")
    assert post(client, f"/users/{world.officer.pk}/password/").status_code == 200
    assert officer.get("/").status_code == 302
    assert User.objects.get(pk=world.officer.pk).must_change_password


def test_an_ended_role_gives_nothing_any_more(client: Client, world: World) -> None:
    held = Grant.objects.get(user=world.officer)
    assert post(client, f"/users/grants/{held.pk}/end/").status_code == 302
    assert User.objects.get(pk=world.officer.pk).scopes(Perm.ALERT_DRAFT) == ()
    with pytest.raises(Conflict):
        actions.end_grant(held.pk, by=world.security)


def test_what_is_out_of_sight_is_not_found(client: Client, county: User, world: World) -> None:
    client.force_login(county)
    assert client.get(f"/users/{world.neighbour.pk}/").status_code == 404
    with pytest.raises(NotFound):
        actions.end_grant(Grant.objects.get(user=world.neighbour).pk, by=county)


def test_every_change_is_in_the_trail(client: Client, world: World) -> None:
    create(client)
    person = User.objects.get(username="new.one")
    for verb in ("lock", "unlock", "deactivate", "activate"):
        post(client, f"/users/{person.pk}/{verb}/")
    post(client, f"/users/{person.pk}/password/")
    wanted = ["user_created", "grant", "lock", "unlock", "deactivate", "activate", "password_reset"]
    acts = AuditEntry.objects.filter(object_type="accounts.user", object_id=str(person.pk)).order_by("id")
    assert list(acts.values_list("action", flat=True)) == [f"accounts.{verb}" for verb in wanted]
    assert {entry.actor for entry in acts} == {world.security.pk}
    assert audit.verify()[1] is None


@pytest.mark.parametrize("state", ["open", "temporary", "waiting", "locked", "inactive"])
def test_the_filter_by_state_agrees_with_the_state_shown(world: World, state: str) -> None:
    actions.lock(world.grid, by=world.security)
    actions.deactivate(world.village, by=world.security)
    actions.reset_password(world.township, by=world.security)
    found = queries.in_state(queries.visible(world.security), state)
    shown = {user.pk for user in queries.visible(world.security) if queries.state(user) == state}
    assert {user.pk for user in found} == shown


def test_the_list_searches_filters_and_exports(client: Client, world: World) -> None:
    assert b"grid" in client.get("/users/?q=grid").content
    page = client.get("/users/?role=auditor").content.decode()
    assert f"/users/{world.auditor.pk}/" in page
    assert f"/users/{world.grid.pk}/" not in page
    assert client.get("/users/?export=xlsx").headers["Content-Type"].endswith("sheet")
    assert client.get("/users/holders/?q=荥阳").status_code == 200


def test_the_page_of_roles_says_what_the_table_says(client: Client, world: World) -> None:
    assert client.get("/users/roles/").status_code == 200
    table = {row["perm"]: row["roles"] for row in queries.role_table()}
    for column, role in enumerate(Role):
        assert {perm for perm, roles in table.items() if roles[column]} == MAY[role]


def test_every_permission_has_words() -> None:
    assert [perm for perm in Perm if perm.label == perm.value] == []


def test_a_log_in_is_joined_with_the_person_of_a_number_in_the_area(client: Client, world: World) -> None:
    person = world.appoint("410182109211")
    number = person.contacts.get(kind="phone").value.reveal()
    world.login(client, "security")
    address = f"/users/{world.village.pk}/person/"
    assert client.post(address, {"contact": number}).status_code == 302
    world.village.refresh_from_db()
    assert world.village.person == person
    assert client.post(f"/users/{world.grid.pk}/person/", {"contact": number}).status_code == 409
    assert client.post(address, {"contact": "10099999999"}).status_code == 404
    assert client.post(address, {"contact": "not a number"}).status_code == 400
    client.post(address, {"contact": ""})
    world.village.refresh_from_db()
    assert world.village.person is None
