"""Accounts of places by page and API: sentences by field, secrets that never come back, and what a month cost."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django.fixtures import Settings

from lastmile.alerting import returns, senders
from lastmile.alerting.channels import signing
from lastmile.alerting.channels.inbound import BadSignature
from lastmile.alerting.models import ChannelAccount, Fact, Manifest, Receipt, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
SECRET = "not for any page 7c1"
FORM = {"place": "410182", "channel": "sms", "kind": "sms", "name": "荥阳移动", "price": "0.045", "per": "part"}
GOOD = FORM | {"url": "https://sms.example.cn/batch", "secret": SECRET, "vendor": ""}
SMPP = FORM | {"kind": "smpp", "host": "smsc.example.cn", "port": "2775", "system_id": "xy", "password": "geheim"}
MAIL = FORM | {"channel": "email", "kind": "email", "host": "mail.example.cn", "port": "25", "encryption": "none"}
MAIL |= {"sender": "yj@example.cn", "to": "a@example.cn"}
SMPP |= {"binds": "2", "window": "50", "per_second": "100", "number": "national", "tls": "1"}


@pytest.fixture
def world(settings: Settings) -> World:
    settings.CHANNELS = ["sms", "smpp", "email"]
    return World.build()


@pytest.fixture
def system(client: Client, world: World) -> Client:
    client.force_login(world.system)
    return client


def account(client: Client, form: dict[str, str] = GOOD) -> ChannelAccount:
    assert client.post("/channels/accounts/new/", form).status_code == 302
    return ChannelAccount.objects.latest("id")


def test_an_account_is_added_and_its_secret_is_on_no_page_and_in_no_trail(system: Client) -> None:
    made = account(system)
    assert senders.values_of(made)["secret"] == SECRET
    for address in ("/channels/accounts/", f"/channels/accounts/{made.pk}/"):
        page = system.get(address).content.decode()
        assert "荥阳移动" in page
        assert SECRET not in page
    entry = AuditEntry.objects.get(action="channels.account_added")
    assert (entry.place, entry.object_id) == ("410182", str(made.pk))
    assert SECRET not in json.dumps(entry.detail)
    assert SECRET.encode() not in bytes(ChannelAccount.objects.get().settings.data)


def test_an_smpp_account_keeps_what_was_chosen(system: Client) -> None:
    values = senders.values_of(account(system, SMPP))
    assert (values["per_second"], values["number"], values["tls"], values["long"]) == (100, "national", True, "udh")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "ftp://x"}, "地址以 https:// 开头。"),
        ({"url": "http://127.0.0.1:9/batch"}, "127.0.0.1"),
        ({"url": "https://[::ffff:10.0.0.1]/batch"}, "10.0.0.1"),
        ({"url": "https://user:pass@sms.example.cn/"}, "user:pass"),
        ({"secret": ""}, "必填。"),
        ({"name": ""}, "请填写名称"),
        ({"price": "billig"}, "单价为 0 到 100 元"),
        ({"price": "NaN"}, "单价为 0 到 100 元"),
        ({"vendor": "{"}, "不是 JSON"),
        ({"vendor": '{"colour": 1}'}, "厂商字段说明有误"),
        ({"vendor": "[1]"}, "需要一个 JSON 对象"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    system: Client, wrong: dict[str, str], says: str
) -> None:
    page = system.post("/channels/accounts/new/", GOOD | wrong)
    assert page.status_code == 400
    assert says in page.content.decode()
    assert (wrong.get("name", "荥阳移动")) in page.content.decode()
    assert SECRET not in page.content.decode()
    assert not ChannelAccount.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"port": "0"}, {"port": "99999"}, {"window": "x"}, {"long": "mms"}, {"password": "123456789"}]
)
def test_settings_of_a_centre_are_judged_one_by_one(system: Client, wrong: dict[str, str]) -> None:
    page = system.post("/channels/accounts/new/", SMPP | wrong)
    assert page.status_code == 400
    assert page.content.decode().count("is-invalid") == 1


def test_a_second_account_of_the_same_place_and_channel_is_refused(system: Client) -> None:
    account(system)
    assert system.post("/channels/accounts/new/", GOOD).status_code == 409
    assert ChannelAccount.objects.count() == 1


@pytest.mark.parametrize("query", ["place=410182", "place=999999&channel=sms", "place=410182&channel=pigeon"])
def test_an_address_that_says_too_little_is_answered_in_words(system: Client, query: str) -> None:
    assert system.get(f"/channels/accounts/new/?{query}").status_code in (400, 404)


def test_a_change_keeps_the_secret_that_is_left_empty_and_says_what_changed(system: Client) -> None:
    made = account(system)
    address = f"/channels/accounts/{made.pk}/"
    assert system.post(address, GOOD | {"secret": "", "url": "https://b.example.cn/"}).status_code == 302
    values = senders.values_of(ChannelAccount.objects.get())
    assert (values["secret"], values["url"]) == (SECRET, "https://b.example.cn/")
    assert AuditEntry.objects.get(action="channels.account_changed").detail == {"fields": ["url"]}
    system.post(address, GOOD | {"secret": "", "url": "https://b.example.cn/"})
    assert AuditEntry.objects.filter(action="channels.account_changed").count() == 1
    assert "修改了渠道账号" in system.get(address).content.decode()


def test_it_is_switched_off_and_on_once_each(system: Client) -> None:
    made = account(system)
    for on, enabled in (("0", False), ("0", False), ("1", True)):
        assert system.post(f"/channels/accounts/{made.pk}/switch/", {"on": on}).status_code == 302
        assert ChannelAccount.objects.get().enabled is enabled
    done = AuditEntry.objects.filter(action__startswith="channels.account_o").values_list("action", flat=True)
    assert sorted(done) == ["channels.account_off", "channels.account_on"]


def test_health_and_test_message_speak_of_the_accounts_own_far_side(system: Client, settings: Settings) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.1/32"]
    made = account(system, GOOD | {"url": "http://127.0.0.1:9/batch"})
    assert "bg-red-lt" in system.get(f"/channels/accounts/{made.pk}/light/").content.decode()
    sent = system.post(f"/channels/accounts/{made.pk}/send-test/", {"address": "13900000000"})
    assert "alert-danger" in sent.content.decode()
    assert AuditEntry.objects.get(action="channels.account_test").detail == {"outcome": "retry"}
    assert system.post(f"/channels/accounts/{made.pk}/send-test/", {"address": "x"}).status_code == 400


def test_settings_under_a_key_that_is_gone_are_said_and_can_be_written_anew(system: Client) -> None:
    made = account(system)
    ChannelAccount.objects.update(settings=b"nonsense")
    assert "打不开" in system.get(f"/channels/accounts/{made.pk}/light/").content.decode()
    assert system.get(f"/channels/accounts/{made.pk}/").status_code == 200
    assert system.post(f"/channels/accounts/{made.pk}/", GOOD).status_code == 302
    assert senders.values_of(ChannelAccount.objects.get())["secret"] == SECRET


@pytest.mark.parametrize("login", ["officer", "neighbour"])
def test_nobody_else_opens_them(client: Client, world: World, login: str) -> None:
    client.force_login(getattr(world, login))
    for address in ("/channels/accounts/", "/channels/costs/", "/channels/costs/xlsx/"):
        assert client.get(address).status_code == 403
    assert client.get("/api/v1/channels/accounts").status_code == 403
    assert client.get("/api/v1/channels/costs").status_code == 403


def test_by_api_the_same(system: Client) -> None:
    def call(method: str, address: str, **data: Any) -> Any:
        return system.generic(method, f"/api/v1/channels/{address}", json.dumps(data), "application/json")

    settings = {"url": "https://sms.example.cn/batch", "secret": SECRET, "vendor": {"batch": 50}}
    made = call("POST", "accounts", place="410182", channel="sms", name="荥阳移动", price="0.05", settings=settings)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert SECRET not in made.content.decode() + call("GET", "accounts").content.decode()
    changed = call("PUT", f"accounts/{number}", name="新名", settings={"url": "https://x.example.cn/"})
    assert (changed.status_code, changed.json()["name"]) == (200, "新名")
    assert senders.values_of(ChannelAccount.objects.get())["secret"] == SECRET
    assert call("POST", f"accounts/{number}/switch", enabled=False).json()["enabled"] is False
    wrong = call("POST", "accounts", place="410181", channel="sms", name="a", settings={"url": "x"})
    assert wrong.status_code == 400
    assert set(wrong.json()["fields"]) == {"secret"}  # what is missing comes before what is odd
    assert call("PUT", "accounts/99999999999", name="a").status_code == 404


def test_the_gateway_of_an_account_calls_back_under_its_own_secret(system: Client, world: World) -> None:
    made = account(system)
    event = make_event(world, channels=["sms"])
    listed(event, world.residents, channel="sms")
    person = world.residents[0].pk
    body = json.dumps({"reports": [{"key": f"{event.pk}-{person}-sms-0", "status": "delivered"}]}).encode()
    headers = signing.signed(SECRET, body, now=clock.now().timestamp())
    with pytest.raises(BadSignature):
        returns.take_reports(body, headers)  # the installation's gateway has another secret
    assert returns.take_reports(body, headers, made.pk) == 1
    assert Receipt.objects.get().fact == Fact.DELIVERED
    with pytest.raises(NotFound):
        returns.take_reports(body, headers, made.pk + 1)


def test_what_a_month_cost_by_county_and_account(system: Client, world: World, settings: Settings) -> None:
    settings.PRICES = {"sms": "0.03"}
    made = account(system)
    event = make_event(world, channels=["sms"])
    listed(event, world.residents[:6], channel="sms", state=Sent.ACCEPTED)
    listed(event, world.residents[6:], channel="sms", state=Sent.ACCEPTED, wave=1)
    rows = Manifest.objects.filter(event=event)
    rows.update(settled_at=clock.now(), handed=6, parts=18)
    rows.filter(wave=1).update(account=made.pk)
    found = system.get("/api/v1/channels/costs").json()
    assert [(row["account"], row["messages"], row["parts"], Decimal(row["yuan"])) for row in found] == [
        (0, 6, 18, Decimal("0.54")),
        (made.pk, 6, 18, Decimal("0.81")),
    ]
    page = system.get("/channels/costs/").content.decode()
    assert "本月 1.35 元" in page
    book = load_workbook(io.BytesIO(system.get("/channels/costs/xlsx/").content))
    assert [row[9] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [0.54, 0.81]
    before = clock.today().replace(day=1).isoformat()[:4]
    assert system.get(f"/channels/costs/?month={int(before) - 1}-01").status_code == 200
    assert system.get("/channels/costs/?month=nonsense").status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "10.3.0.9", "::1", "169.254.169.254"])
@pytest.mark.parametrize("form", [SMPP, MAIL])
def test_a_server_inside_the_network_is_no_account_of_a_place(system: Client, form: dict[str, str], host: str) -> None:
    answer = system.post("/channels/accounts/new/", form | {"host": host})
    assert answer.status_code == 400
    assert not ChannelAccount.objects.exists()


@pytest.mark.parametrize("form", [GOOD, SMPP, MAIL])
def test_a_name_that_leads_inside_is_refused_when_it_is_looked_up(
    system: Client, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = account(system, form)

    async def inside(*_values: Any, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", inside)
    sent = system.post(f"/channels/accounts/{made.pk}/send-test/", {"address": form.get("to", "13900000000")})
    assert "不是公网地址" in sent.content.decode()
