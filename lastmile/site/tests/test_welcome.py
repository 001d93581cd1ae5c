"""An empty system is set up once, by whoever can read the terminal, and never again."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.kernel.models import AuditEntry
from lastmile.site import welcome

pytestmark = pytest.mark.django_db


def answers(**changes: str) -> dict[str, str]:
    given = {"token": welcome.token(), "city": "other", "code": "4102", "name": "开封市"}
    for role, usual in welcome.FIRST:
        given |= {f"{role}_username": usual, f"{role}_name": f"{role.label}某"}
    return given | changes


def post(client: Client, **changes: str) -> Any:
    return client.post("/setup/", answers(**changes))


def test_the_first_page_of_an_empty_system_leads_to_the_set_up(client: Client) -> None:
    assert client.get("/")["Location"] == "/setup/"
    asked = client.get("/setup/")
    assert (asked.status_code, "终端" in asked.content.decode()) == (403, True)
    page = client.get(welcome.path())
    assert (page.status_code, page["Cache-Control"].count("no-store")) == (200, 1)


def test_it_makes_a_city_and_five_log_ins_that_must_choose_their_own_password(client: Client) -> None:
    page = post(client).content.decode()
    assert Place.objects.get(code="4102").parent_id == "41"
    assert set(Grant.objects.values_list("role", "place_id")) == {(role.value, "4102") for role, _u in welcome.FIRST}
    assert all(User.objects.values_list("must_change_password", flat=True))
    assert AuditEntry.objects.filter(action="site.set_up", place="4102").count() == 1
    password = page.split("<code>duty</code>")[1].split("<code>")[1].split("</code>")[0]
    assert User.objects.get(username="duty").check_password(password)


def test_it_closes_for_good(client: Client) -> None:
    post(client)
    again = client.get(welcome.path())
    assert (again.status_code, "已经设置过" in again.content.decode()) == (403, True)
    assert post(client, code="4103").status_code == 403
    assert not Place.objects.filter(code="4103").exists()
    assert User.objects.count() == len(welcome.FIRST)
    assert client.get("/")["Location"] == "/login/?next=/"
    with pytest.raises(CommandError):
        call_command("setup_link")


def test_a_stranger_without_the_token_makes_nothing(client: Client) -> None:
    assert post(client, token="guess").status_code == 403
    assert not User.objects.exists()


def test_the_terminal_prints_the_way_in() -> None:
    out = StringIO()
    call_command("setup_link", stdout=out)
    assert out.getvalue().strip().endswith(welcome.path())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": ""}, "必须填写"),
        ({"code": "41"}, "有效"),
        ({"name": ""}, "必须填写"),
        ({"auditor_username": "a b"}, "2 到 40"),
        ({"auditor_name": ""}, "必填"),
        ({"city": "0000"}, "选"),
    ],
)
def test_wrong_answers_are_named_and_nothing_is_half_made(client: Client, changes: dict[str, str], says: str) -> None:
    page = post(client, **changes)
    assert (page.status_code, says in page.content.decode()) == (400, True), page.content.decode()[-3000:]
    assert not User.objects.exists()
    assert not Place.objects.exists()


def test_two_log_ins_need_two_names(client: Client) -> None:
    page = post(client, approver_username="duty")
    assert (page.status_code, "用户名相同" in page.content.decode()) == (400, True)
    assert not Place.objects.exists()


def test_the_carried_city_comes_with_its_whole_tree(client: Client) -> None:
    assert post(client, city="4101", code="", name="").status_code == 200
    assert Place.objects.filter(level=3, code__startswith="4101").count() >= 15
    assert Place.objects.filter(code="410182109211").exists()
    assert User.objects.get(username="approver").held == [(Role.APPROVER, "4101")]
