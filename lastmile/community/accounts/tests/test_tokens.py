"""Keys for programs: shown once, cut to one role, gone when the role or the person goes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from lastmile.community.accounts import actions, tokens
from lastmile.community.accounts.apiauth import TokenAuth
from lastmile.community.accounts.models import ApiToken, Grant, User
from lastmile.community.accounts.roles import Role
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def make(user: User, **changes: Any) -> str:
    options: dict[str, Any] = {"label": "wall screen", "days": 30, "read_only": True} | changes
    return tokens.make(user, Grant.objects.filter(user=user).earliest("id").pk, **options)[1]


def acting(text: str) -> User:
    user = tokens.owner(text)
    assert user is not None
    return user


def test_it_is_kept_only_as_a_digest(world: World) -> None:
    text = make(world.officer)
    kept = ApiToken.objects.get()
    assert text.removeprefix("lm_").encode() not in bytes(kept.digest)
    assert acting(text).pk == world.officer.pk


def test_it_acts_in_one_role_and_reads_only(world: World) -> None:
    actions.grant(world.officer, Role.AUDITOR, world.places["4101"], by=world.security)
    user = acting(make(world.officer))
    assert user.scopes(Perm.ALERT_READ) == ("410182",)
    assert user.scopes(Perm.ALERT_DRAFT) == ()
    assert user.scopes(Perm.AUDIT_READ) == ()
    assert acting(make(world.officer, read_only=False)).scopes(Perm.ALERT_DRAFT) == ("410182",)


def test_a_program_writes_warnings_and_neither_approves_nor_issues_them(world: World) -> None:
    officer, approver = (acting(make(one, read_only=False)) for one in (world.officer, world.approver))
    assert world.officer.scopes(Perm.ALERT_ISSUE) == world.approver.scopes(Perm.ALERT_APPROVE) == ("410182",)
    assert officer.scopes(Perm.ALERT_DRAFT) == ("410182",)
    assert {user.scopes(perm) for user in (officer, approver) for perm in (Perm.ALERT_ISSUE, Perm.ALERT_APPROVE)} == {
        ()
    }


def test_it_ends_with_time_revocation_role_person_and_lock(world: World) -> None:
    text = make(world.officer)
    pk = world.officer.pk
    actions.lock(world.officer, by=world.security)
    assert tokens.owner(text) is None
    actions.unlock(world.officer, by=world.security)
    assert tokens.owner(text) is not None
    clock.forward(days=31)
    assert tokens.owner(text) is None
    revoked, ended = make(world.officer), make(world.officer)
    tokens.revoke(world.officer, ApiToken.objects.order_by("id")[1].pk)
    assert tokens.owner(revoked) is None
    assert tokens.owner(ended) is not None
    actions.end_grant(Grant.objects.get(user=pk).pk, by=world.security)
    assert tokens.owner(ended) is None


def test_deactivating_a_person_revokes_their_tokens_for_good(world: World) -> None:
    text = make(world.officer)
    actions.deactivate(world.officer, by=world.security)
    actions.activate(world.officer, by=world.security)
    assert tokens.owner(text) is None


def test_nobody_makes_or_revokes_for_another(world: World) -> None:
    theirs = Grant.objects.get(user=world.city)
    with pytest.raises(NotFound):
        tokens.make(world.officer, theirs.pk, label="x", days=1, read_only=True)
    make(world.city)
    with pytest.raises(NotFound):
        tokens.revoke(world.officer, ApiToken.objects.get().pk)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_it_lives_a_year_at_most(world: World, days: int) -> None:
    with pytest.raises(Refusal):
        make(world.officer, days=days)


def test_a_wrong_token_is_refused_and_slowed_down(world: World) -> None:
    request = RequestFactory().get("/api/v1/me", headers={"Authorization": "Bearer lm_wrong"})
    statuses = set()
    with clock.frozen():  # all within one minute, however slow the machine
        for _attempt in range(62):
            with pytest.raises(Refusal) as caught:
                TokenAuth()(request)
            statuses.add(caught.value.status)
    assert statuses == {401, 429}


def test_the_page_makes_shows_once_and_revokes(client: Client, world: World) -> None:
    world.login(client, "officer")
    held = Grant.objects.get(user=world.officer).pk
    page = client.post("/account/tokens/", {"label": "大屏", "grant": held, "days": 30, "read_only": "on"})
    shown = re.search(r'value="(lm_[^"]+)"', page.content.decode())
    assert shown
    assert shown[1] not in client.get("/account/tokens/").content.decode()
    assert client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 302
    assert tokens.owner(shown[1]) is None
    assert client.post("/account/tokens/", {"label": "", "grant": "x", "days": "1000"}).status_code == 400
