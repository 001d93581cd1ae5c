"""Getting in: with the right password, not too often, and never to somebody else's page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from lastmile.community.accounts import signin
from lastmile.community.accounts.models import FOREVER, User
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def submit(client: Client, password: str = PASSWORD, name: str = "officer", **more: Any) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more})


def actions() -> list[str]:
    entries = AuditEntry.objects.filter(action__startswith="accounts.lo").order_by("id")
    return list(entries.values_list("action", flat=True))


def fail(client: Client, times: int) -> None:
    for _attempt in range(times):
        assert submit(client, "wrong").status_code == 403


def test_a_stranger_is_sent_to_the_login_page_and_back(client: Client, world: World) -> None:
    answer = client.get("/account/")
    assert answer.url == "/login/?next=/account/"  # type: ignore[attr-defined]  # a redirect has it
    assert submit(client, next="/account/").url == "/account/"
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_it_never_leads_to_another_site(client: Client, world: World, evil: str) -> None:
    assert submit(client, next=evil).url == "/"


def test_the_session_key_changes_at_login(client: Client, world: World) -> None:
    client.get("/login/")
    session = client.session
    session["kept"] = 1
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = str(before)
    submit(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_wrong_name_wrong_password_and_locked_get_the_same_page(client: Client, world: World) -> None:
    def page(**kwargs: str) -> str:
        text = submit(client, **kwargs).content.decode()
        return re.sub(r'value="[^"]*"|X-CSRFToken": "[^"]*"', "", text)

    unknown = page(name="nobody", password="wrong")
    wrong = page(password="wrong")
    User.objects.filter(username="officer").update(locked_until=FOREVER)
    assert unknown == wrong == page()


def test_an_unknown_name_costs_a_hash_too(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []
    monkeypatch.setattr(signin, "make_password", spent.append)
    submit(client, "wrong", "nobody")
    assert spent == ["wrong"]


def test_it_locks_after_the_last_attempt_and_opens_again(client: Client, world: World) -> None:
    fail(client, settings.LOGIN_ATTEMPTS)
    assert submit(client).status_code == 403
    clock.forward(minutes=settings.LOGIN_LOCK_MINUTES + 1)
    assert submit(client).status_code == 302
    assert actions() == ["accounts.login_failed"] * 5 + ["accounts.lock", "accounts.login_failed", "accounts.login"]


def test_one_attempt_less_does_not_lock(client: Client, world: World) -> None:
    fail(client, settings.LOGIN_ATTEMPTS - 1)
    assert submit(client).status_code == 302
    assert User.objects.get(username="officer").failed_logins == 0


def test_after_a_lock_has_run_out_all_attempts_are_back(client: Client, world: World) -> None:
    fail(client, settings.LOGIN_ATTEMPTS)
    clock.forward(minutes=settings.LOGIN_LOCK_MINUTES + 1)
    fail(client, settings.LOGIN_ATTEMPTS - 1)
    assert submit(client).status_code == 302


def test_a_lock_by_strangers_does_not_end_a_running_session(client: Client, world: World) -> None:
    world.login(client, "officer")
    fail(Client(), settings.LOGIN_ATTEMPTS)
    assert client.get("/").status_code == 200


def test_one_address_may_not_hurry(client: Client, world: World, settings: Any) -> None:
    settings.LOGIN_PER_MINUTE = 3
    names = ["a", "b", "c"]
    assert [submit(client, "wrong", name).status_code for name in names] == [403, 403, 403]
    assert submit(client).status_code == 429
    clock.forward(minutes=1)
    assert submit(client).status_code == 302


def test_a_deactivated_log_in_is_out_at_its_next_request(client: Client, world: World) -> None:
    submit(client)
    User.objects.filter(username="officer").update(is_active=False)
    assert client.get("/").status_code == 302
    assert submit(client).status_code == 403


def test_leaving_needs_a_post_and_is_recorded(client: Client, world: World) -> None:
    submit(client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302
    assert actions() == ["accounts.login", "accounts.logout"]


def test_no_audit_entry_holds_what_was_typed(client: Client, world: World) -> None:
    submit(client, "s3cret-typed", "typed-name")
    entry = AuditEntry.objects.get(action="accounts.login_failed")
    assert "typed" not in f"{entry.actor_name}{entry.detail}{entry.object_id}"


def test_the_password_is_kept_as_argon2(world: World) -> None:
    assert world.officer.password.startswith("argon2$argon2id$")
