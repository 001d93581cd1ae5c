"""The second factor: a stolen password alone opens nothing."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from django.test import Client
from pytest_django import Settings

from lastmile.community.accounts import second, signin
from lastmile.community.accounts.models import RecoveryCode, SecondFactor, User
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
RECOVERY = re.compile(r">([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})<")


@pytest.fixture
def world() -> World:
    return World.build(people=False)


class Phone:
    """An authenticator app with one key."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, *, after: int = 0) -> str:
        """Of now, or of so many half minutes later."""
        return self.totp.at(clock.now(), counter_offset=after)


def guarded(user: User) -> tuple[Phone, list[str]]:
    """A log-in with a second factor in force. The code of this half minute is used up by it."""
    secret, _signed = second.offer(user)
    phone = Phone(secret)
    return phone, second.confirm(user, secret, phone.code())


def shown(page: str) -> tuple[str, str]:
    """The key as it is to be typed, and as the form brings it back."""
    typed = re.search(r'font-monospace fs-3 mt-2 mb-0">([A-Z2-7 ]+)<', page)
    signed = re.search(r'name="key" value="([^"]+)"', page)
    assert typed is not None
    assert signed is not None
    assert "data:image/svg+xml" in page
    return typed[1].replace(" ", ""), signed[1]


def submit(client: Client, name: str = "officer", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def acts() -> set[str]:
    return set(AuditEntry.objects.filter(action__startswith="accounts.").values_list("action", flat=True))


def test_it_is_set_up_with_the_first_right_code(client: Client, world: World) -> None:
    client.force_login(world.officer)
    key, signed = shown(client.get("/account/second/").content.decode())
    again = client.post("/account/second/", {"code": "000000", "key": signed})
    assert again.status_code == 403
    assert shown(again.content.decode()) == (key, signed)  # the app has this key already
    assert second.of(world.officer) is None
    done = client.post("/account/second/", {"code": Phone(key).code(), "key": signed})
    codes = RECOVERY.findall(done.content.decode())
    assert len(codes) == len(set(codes)) == 10
    assert second.of(world.officer) is not None
    assert "accounts.second_set" in acts()


def test_the_key_and_the_recovery_codes_are_not_in_the_database_as_they_are(world: World) -> None:
    phone, codes = guarded(world.officer)
    row = SecondFactor.objects.get()
    assert phone.totp.secret.encode() not in row.secret.data
    assert {bytes(kept.digest) for kept in RecoveryCode.objects.all()}.isdisjoint(code.encode() for code in codes)


def test_a_key_that_was_made_up_or_is_another_log_ins_is_refused(client: Client, world: World) -> None:
    client.force_login(world.officer)
    secret, theirs = second.offer(world.users["approver"])
    for wrong in (secret, theirs, ""):
        assert client.post("/account/second/", {"code": Phone(secret).code(), "key": wrong}).status_code == 409
    assert not SecondFactor.objects.exists()
    guarded(world.officer)
    secret, mine = second.offer(world.officer)
    assert client.post("/account/second/", {"code": Phone(secret).code(), "key": mine}).status_code == 409


def test_a_right_password_alone_opens_nothing(client: Client, world: World) -> None:
    phone, _codes = guarded(world.officer)
    assert submit(client, next="/alerts/").url == "/login/code/?next=%2Falerts%2F"
    assert not is_in(client)
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/login/code/").status_code == 200
    answer: Any = client.post("/login/code/", {"code": phone.code(after=1), "next": "/alerts/"})
    assert answer.url == "/alerts/"
    assert is_in(client)
    assert signin.WAITING not in client.session


def test_a_code_is_good_once_also_the_one_of_the_set_up(client: Client, world: World) -> None:
    phone, _codes = guarded(world.officer)
    submit(client)
    assert client.post("/login/code/", {"code": phone.code()}).status_code == 403
    assert client.post("/login/code/", {"code": phone.code(after=1)}).status_code == 302
    other = Client()
    submit(other)
    assert other.post("/login/code/", {"code": phone.code(after=1)}).status_code == 403


def test_a_clock_that_is_half_a_minute_wrong_is_no_reason_and_one_that_is_two_is(client: Client, world: World) -> None:
    phone, _codes = guarded(world.officer)
    clock.forward(minutes=10)
    submit(client)
    assert client.post("/login/code/", {"code": phone.code(after=-4)}).status_code == 403
    assert client.post("/login/code/", {"code": phone.code(after=-1)}).status_code == 302


def test_a_lost_phone_is_replaced_by_a_recovery_code_once(client: Client, world: World) -> None:
    _phone, codes = guarded(world.officer)
    submit(client)
    assert client.post("/login/code/", {"code": f" {codes[3].upper()} "}).status_code == 302
    assert second.codes_left(world.officer) == 9
    other = Client()
    submit(other)
    assert other.post("/login/code/", {"code": codes[3]}).status_code == 403
    assert "accounts.recovery_used" in acts()


def test_wrong_codes_lock_the_log_in_like_wrong_passwords(client: Client, world: World) -> None:
    phone, codes = guarded(world.officer)
    submit(client)
    for _attempt in range(4):  # the password was the first attempt
        assert client.post("/login/code/", {"code": "123456"}).status_code == 403
    assert client.post("/login/code/", {"code": phone.code(after=1)}).status_code == 403
    assert client.post("/login/code/", {"code": codes[0]}).status_code == 403
    world.officer.refresh_from_db()
    assert world.officer.is_locked
    assert second.codes_left(world.officer) == 10


def test_who_waits_too_long_or_gets_another_password_begins_again(client: Client, world: World) -> None:
    guarded(world.officer)
    submit(client)
    clock.forward(minutes=6)
    assert client.get("/login/code/")["Location"] == "/login/"
    submit(client)
    world.officer.set_password("another-Password-7")
    world.officer.save()
    assert client.get("/login/code/")["Location"] == "/login/"
    assert Client().post("/login/code/", {"code": "123456"})["Location"] == "/login/"


def test_it_never_leads_to_another_site(client: Client, world: World) -> None:
    phone, _codes = guarded(world.officer)
    assert submit(client, next="https://evil.example/").url == "/login/code/?next=%2F"
    answer: Any = client.post("/login/code/", {"code": phone.code(after=1), "next": "//evil.example"})
    assert answer.url == "/"


@pytest.mark.parametrize("name", ["officer", "approver", "township", "system", "security", "auditor"])
def test_who_issues_approves_exports_or_administers_must_have_one(
    client: Client, world: World, settings: Settings, name: str
) -> None:
    settings.SECOND_FACTOR = "required"
    client.force_login(User.objects.get(username=name))
    assert client.get("/account/")["Location"] == "/account/second/"
    assert client.get("/todo/", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/second/"
    assert client.get("/api/v1/me").status_code == 403
    assert client.post("/logout/").status_code == 302


def test_a_grid_worker_is_not_held_up_at_three_in_the_morning(client: Client, world: World, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    for name in ("grid", "village"):
        client.force_login(world.users[name])
        assert client.get("/todo/").status_code == 200


def test_a_session_from_before_proves_the_factor_with_a_code(client: Client, world: World, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    phone, _codes = guarded(world.officer)
    client.force_login(world.officer)
    assert client.get("/account/")["Location"] == "/account/second/"
    assert client.post("/account/second/", {"code": phone.code(after=1)})["Location"] == "/account/"
    assert is_in(client)


def test_it_is_demanded_by_itself_once_others_can_reach_the_installation(settings: Settings) -> None:
    settings.SECOND_FACTOR, settings.ALLOWED_HOSTS = "", ["localhost"]
    assert second.policy() == "offered"
    settings.ALLOWED_HOSTS = ["warn.example.cn"]
    assert second.policy() == "required"
    settings.SECOND_FACTOR = "offered"
    assert second.policy() == "offered"


def test_another_phone_costs_a_code_of_the_old_one(client: Client, world: World) -> None:
    phone, codes = guarded(world.officer)
    client.force_login(world.officer)
    assert client.post("/account/second/", {"code": "111111", "remove": "1"}).status_code == 403
    renewed = client.post("/account/second/", {"code": phone.code(after=1), "renew": "1"}).content.decode()
    assert codes[0] not in renewed
    fresh = RECOVERY.findall(renewed)
    assert client.post("/account/second/", {"code": codes[0], "remove": "1"}).status_code == 403
    assert client.post("/account/second/", {"code": fresh[0], "remove": "1"})["Location"] == "/account/"
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_guessing_in_a_stolen_session_is_stopped_after_ten_tries(client: Client, world: World) -> None:
    phone, _codes = guarded(world.officer)
    client.force_login(world.officer)
    with clock.frozen():
        tried = [client.post("/account/second/", {"code": "000000", "remove": "1"}).status_code for _n in range(11)]
        assert tried == [403] * 10 + [429]
        assert client.post("/account/second/", {"code": phone.code(after=1), "remove": "1"}).status_code == 429


def test_a_security_administrator_takes_it_away_but_not_their_own(client: Client, world: World) -> None:
    guarded(world.officer)
    client.force_login(User.objects.get(username="security"))
    page = f"/users/{world.officer.pk}/"
    assert f"{page}second/" in client.get(page).content.decode()
    assert client.get("/users/?second=yes").content.decode().count(f'href="{page}"') == 1
    assert client.get("/users/?second=none").content.decode().count(f'href="{page}"') == 0
    assert client.post(f"{page}second/").status_code == 302
    assert second.of(world.officer) is None
    assert client.post(f"{page}second/").status_code == 409
    guarded(User.objects.get(username="security"))
    own = User.objects.get(username="security").pk
    assert client.post(f"/users/{own}/second/").status_code == 403
    assert client.delete(f"/api/v1/users/{own}/second-factor").status_code == 403
    assert "accounts.second_reset" in acts()
