"""Where somebody is logged in: theirs to see and to end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.community.accounts import sessions
from lastmile.community.accounts.models import Session
from lastmile.kernel import chores, clock
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def log_in(name: str, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/login/", {"username": name, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def page(client: Client, address: str = "/account/") -> str:
    return client.get(address).content.decode()


def test_each_device_is_named_with_its_address_and_the_one_in_hand_first(world: World) -> None:
    log_in("officer", PHONE)
    log_in("approver", PHONE)
    clock.forward(minutes=2)
    desk = log_in("officer", DESK)
    shown = page(desk)
    assert shown.index("Edge · Windows") < shown.index("微信 · Android")
    assert shown.count("退出该设备") == 1
    assert "127.0.0.1" in shown
    assert all(row.session_key not in shown for row in Session.objects.all())


def test_a_device_is_logged_out_from_another_and_nobody_elses_is(world: World) -> None:
    phone, desk, other = log_in("officer", PHONE), log_in("officer", DESK), log_in("approver", DESK)
    name = re.findall(r"/account/sessions/([0-9a-f]{16})/end/", page(desk))
    assert len(name) == 1
    assert other.post(f"/account/sessions/{name[0]}/end/").status_code == 404
    assert is_in(phone)
    assert desk.post(f"/account/sessions/{name[0]}/end/").status_code == 302
    assert [is_in(phone), is_in(desk), is_in(other)] == [False, True, True]
    assert desk.post(f"/account/sessions/{name[0]}/end/").status_code == 404


def test_everywhere_else_leaves_this_device(world: World) -> None:
    clients = [log_in("officer", PHONE) for _device in range(3)]
    assert clients[1].post("/account/sessions/others/end/").status_code == 302
    assert [is_in(client) for client in clients] == [False, True, False]
    assert "退出其他所有设备" not in page(clients[1])


def test_a_security_administrator_logs_a_lost_phone_out_inside_their_area(world: World) -> None:
    phone = log_in("officer", PHONE)
    security = log_in("security", DESK)
    address = f"/users/{world.officer.pk}/"
    assert "退出 1 台设备" in page(security, address)
    assert log_in("township", DESK).post(f"{address}out/").status_code == 403
    assert is_in(phone)
    assert security.post(f"{address}out/").status_code == 302
    assert not is_in(phone)
    assert "退出 1 台设备" not in page(security, address)


def test_another_password_keeps_the_device_in_the_list_under_its_new_key(world: World) -> None:
    desk = log_in("officer", DESK)
    before = Session.objects.get().session_key
    new: dict[str, Any] = {"old": PASSWORD, "new": "Quite-Another-9", "again": "Quite-Another-9"}
    assert desk.post("/account/password/", new).status_code == 302
    assert Session.objects.get().session_key != before
    assert "Edge · Windows" in page(desk)


def test_sessions_that_ran_out_are_swept_by_the_workers(world: World) -> None:
    old = log_in("officer", PHONE)
    Session.objects.update(expire_date=clock.now() - timedelta(hours=1))
    new = log_in("officer", DESK)
    assert "微信" not in page(new)
    assert [chore.name for chore in chores.every()].count("sessions") == 1
    assert (sessions.sweep(), sessions.sweep()) == (1, 0)
    assert [is_in(old), is_in(new)] == [False, True]
