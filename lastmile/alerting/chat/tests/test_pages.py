"""Groups are kept by whoever looks after a place: entered, tried out, switched, ended; and where a staff card leads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting import links
from lastmile.alerting.chat import keeping, robots, troubles
from lastmile.alerting.chat.tests.rig import DINGTALK, FEISHU, WECOM, Apps
from lastmile.alerting.chat.tests.test_telling import WEB, group, worked
from lastmile.alerting.models import ChatGroup, ChatNote, Receipt
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

PAGE = "/channels/groups/"


def typed(apps: Apps, kind: str = WECOM, **more: Any) -> dict[str, Any]:
    return {
        "place": VILLAGE,
        "name": "王宗店防汛群",
        "audience": "staff",
        "address": apps.address(apps.bot(kind)),
        "secret": "",
        "colour": "4",
        **more,
    }


def test_the_village_enters_its_group_tries_it_out_and_nobody_reads_the_address_again(
    client: Client, world: World, apps: Apps
) -> None:
    world.login(client, "village")
    assert "群机器人" in client.get("/channels/").content.decode()
    wish = typed(apps, DINGTALK, secret="SEC123456")
    bot = apps.bots[wish["address"].partition("=")[2]]
    bot.secret = "SEC123456"
    done = client.post(PAGE + "new/", wish)
    one = ChatGroup.objects.get()
    assert (done.status_code, done["Location"]) == (302, f"{PAGE}{one.pk}/")
    assert one.kind == DINGTALK  # known by the address: nobody is asked which app it is
    assert "还没有试发过" in client.get(f"{PAGE}{one.pk}/").content.decode()
    said = client.post(f"{PAGE}{one.pk}/send-test/").content.decode()
    assert "对方已受理" in said
    assert "【测试】" in bot.got[0]["title"]
    one.refresh_from_db()
    assert one.tested_at is not None
    for address in (PAGE, f"{PAGE}{one.pk}/", f"{PAGE}{one.pk}/edit/", f"{PAGE}?export=xlsx"):
        body = client.get(address).content
        assert bot.key.encode() not in body, address
        assert b"SEC123456" not in body, address
    assert bot.key not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    sheet = load_workbook(io.BytesIO(client.get(f"{PAGE}?export=xlsx").content)).active
    assert sheet is not None
    assert "王宗店防汛群" in {cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("address", "", "必填"),
        ("address", "x", "不是"),
        ("address", "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=abcdefgh", "群机器人的地址"),
        ("address", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "群机器人的地址"),
        ("address", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a b", "群机器人的地址"),
        ("address", "https://u:p@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcdefgh", "不是"),
        ("address", "http://10.0.0.1/robot/send?access_token=abcdefgh", "公网"),
        ("address", "http://127.0.0.1/open-apis/bot/v2/hook/a/b/c/../../../x", "群机器人的地址"),
        ("address", "https://127.0.0.1/robot/\0", "地址"),
        ("name", "", "必填"),
        ("name", "群" * 61, "60"),
        ("audience", "friends", "friends"),
        ("colour", "9", "9"),
        ("place", "410181", "410181"),
        ("place", "9" * 30, "999"),
        ("secret", "密钥", "字母和数字"),
        ("secret", "SECabc", "企业微信的机器人没有密钥"),
    ],
)
def test_what_is_no_robot_is_refused_in_words_and_nothing_typed_is_lost(
    client: Client, world: World, apps: Apps, field: str, value: str, says: str
) -> None:
    world.login(client, "officer")
    answer = client.post(PAGE + "new/", typed(apps) | {field: value})
    html = answer.content.decode()
    assert answer.status_code == 422 if field != "secret" else answer.status_code in (400, 422)
    assert says in html
    assert "王宗店防汛群" in html or field == "name"
    assert not ChatGroup.objects.exists()


def test_one_robot_is_entered_once_and_what_an_app_adds_to_an_address_is_left_out(
    client: Client, world: World, apps: Apps, settings: Any
) -> None:
    world.login(client, "officer")
    wish = typed(apps)
    client.post(PAGE + "new/", wish)
    again = client.post(
        PAGE + "new/", wish | {"address": wish["address"] + "&timestamp=1&sign=x", "place": "410182109"}
    )
    assert again.status_code == 409
    assert "已经接入" in again.content.decode()
    settings.CHAT_HOSTS = ["oapi.dingtalk.com", "open.feishu.cn"]
    kind, address, key = robots.read("https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef&x=1")
    assert (kind, address, key) == (
        DINGTALK,
        "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
        "0123456789abcdef",
    )
    assert robots.read("https://open.feishu.cn/open-apis/bot/v2/hook/aaaa-bbbb-cccc")[0] == FEISHU
    with pytest.raises(Refusal):
        robots.read("http://open.feishu.cn/open-apis/bot/v2/hook/aaaa-bbbb-cccc")


def test_signatures_are_those_of_the_documents() -> None:
    """钉钉: HMAC of the text under the secret, in milliseconds. 飞书: of nothing under the text, in seconds."""
    secret = "this is secret"
    found = robots.sign_dingtalk(secret, 1_600_000_000.5)
    assert found["timestamp"] == "1600000000500"
    right = hmac.new(secret.encode(), b"1600000000500\nthis is secret", hashlib.sha256).digest()
    assert found["sign"] == base64.b64encode(right).decode()
    found = robots.sign_feishu(secret, 1_600_000_000.5)
    assert found["timestamp"] == "1600000000"
    right = hmac.new(b"1600000000\nthis is secret", b"", hashlib.sha256).digest()
    assert found["sign"] == base64.b64encode(right).decode()


def test_others_see_and_change_nothing(client: Client, world: World, apps: Apps) -> None:
    one = group(world, apps, apps.bot(WECOM))
    for login in ("approver", "health", "grid", "security", "auditor"):
        world.login(client, login)
        assert client.get(PAGE).status_code == 403, login
        assert client.get("/channels/").status_code in (200, 403)
    world.login(client, "neighbour")
    assert "wecom群" not in client.get(PAGE).content.decode()
    for address in ("", "edit/"):
        assert client.get(f"{PAGE}{one.pk}/{address}").status_code == 404
    for verb in ("off", "end", "send-test"):
        assert client.post(f"{PAGE}{one.pk}/{verb}/").status_code == 404
    assert client.get(f"{PAGE}{10**18}/").status_code == 404
    world.login(client, "officer")
    assert client.post(f"{PAGE}{one.pk}/dance/").status_code == 404
    assert ChatGroup.objects.get().enabled is True


def test_switched_off_nothing_is_posted_and_ended_nothing_is_left(
    client: Client, world: World, desk: Desk, apps: Apps
) -> None:
    bot = apps.bot(WECOM, status=502)
    one = group(world, apps, bot)
    world.login(client, "village")
    desk.issued(**WEB)
    worked()
    client.post(f"{PAGE}{one.pk}/off/")
    bot.status, asked = 0, bot.asked
    clock.forward(minutes=2)
    desk.issued(**WEB, hazard="flood")
    worked()
    assert bot.asked == asked
    client.post(f"{PAGE}{one.pk}/on/")
    clock.forward(minutes=2)
    worked()
    assert bot.asked == asked
    client.post(f"{PAGE}{one.pk}/end/")
    assert not ChatGroup.objects.exists()
    assert not ChatNote.objects.exists()
    acts = list(
        AuditEntry.objects.filter(action__startswith="channels.chat").order_by("id").values_list("action", flat=True)
    )
    assert acts == [f"channels.chat_{verb}" for verb in ("added", "off", "on", "ended")]


def test_the_light_says_how_a_robot_is(client: Client, world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(WECOM)
    one = group(world, apps, bot)
    assert troubles.light(one).light == "yellow"
    desk.issued(**WEB)
    worked()
    one.refresh_from_db()
    assert troubles.light(one).light == "green"
    clock.forward(days=91)
    assert "91" in troubles.light(one).says
    apps.bots.clear()
    keeping.test(world.officer, one)
    one.refresh_from_db()
    assert troubles.light(one).light == "red"
    world.login(client, "officer")
    for address in ("/channels/", PAGE, f"{PAGE}{one.pk}/"):
        html = client.get(address).content.decode()
        assert "不能用" in html or "重新复制" in html, address


def test_programs_keep_groups_too(client: Client, world: World, apps: Apps) -> None:
    world.login(client, "officer")
    wish = typed(apps, FEISHU) | {"colour": 2}

    def call(verb: str, address: str, body: Any = None) -> Any:
        return getattr(client, verb)(f"/api/v1/chat-groups{address}", body, content_type="application/json")

    made = call("post", "", wish)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert (made.json()["kind"], made.json()["light"], made.json()["colour"]) == (FEISHU, "yellow", 2)
    assert "address" not in made.json()
    assert call("post", f"/{number}/test").json()["outcome"] == "accepted"
    assert call("put", f"/{number}", {"name": "新名", "audience": "residents"}).json()["name"] == "新名"
    changed = call("put", f"/{number}", {"name": "新名", "audience": "residents", "language": "en"}).json()
    assert changed["language"] == "en"
    kept = call("put", f"/{number}", {"name": "Group", "audience": "residents"}).json()
    assert (kept["name"], kept["language"]) == ("Group", "en")
    assert call("put", f"/{number}", {"name": "x", "audience": "residents", "language": "fr"}).status_code == 400
    assert call("post", f"/{number}/switch", {"enabled": False}).json()["enabled"] is False
    assert [one["id"] for one in client.get("/api/v1/chat-groups").json()] == [number]
    assert call("post", "", wish | {"audience": "x"}).status_code == 400
    assert (
        call("post", "", wish | {"address": "https://evil.example/robot/send?access_token=abcdefgh"}).status_code == 422
    )
    assert call("post", "", wish | {"place": "410181"}).status_code == 404
    world.login(client, "neighbour")
    assert call("delete", f"/{number}").status_code == 404
    world.login(client, "grid")
    assert client.get("/api/v1/chat-groups").status_code == 403
    world.login(client, "officer")
    assert call("delete", f"/{number}").status_code == 204
    assert not ChatGroup.objects.exists()


def test_a_staff_card_leads_each_to_their_own_page_and_confirms_for_nobody(
    client: Client, world: World, desk: Desk, apps: Apps
) -> None:
    event = desk.issued(**WEB)
    link = f"/alerts/{event.alert.code}/answer/"
    stranger = client.get(link)
    assert (stranger.status_code, stranger["Location"]) == (302, f"/login/?next={link}")
    village = world.users["village"]
    village.person_id = world.staff[VILLAGE].pk
    village.save(update_fields=["person_id"])
    before = Receipt.objects.count()
    world.login(client, "village")
    own = client.get(link)
    assert own["Location"] == f"/r/{links.token(event.pk, world.staff[VILLAGE].pk)}/"
    assert (own["Referrer-Policy"], "no-store" in own["Cache-Control"]) == ("no-referrer", True)
    world.login(client, "officer")
    assert client.get(link)["Location"] == f"/alerts/{event.alert.code}/"
    world.login(client, "neighbour")
    assert client.get(link).status_code == 404
    assert Receipt.objects.count() == before
    assert client.post(link).status_code == 405


def test_the_warning_shows_what_became_of_it_in_the_groups_of_ones_own_places(
    client: Client, world: World, desk: Desk, apps: Apps
) -> None:
    group(world, apps, apps.bot(WECOM))
    group(world, apps, apps.bot(DINGTALK, stopped=True))
    event = desk.issued(**WEB)
    worked()
    link = f"/alerts/{event.alert.code}/groups/"
    world.login(client, "village")
    html = client.get(link).content.decode()
    assert "机器人已收下" in html
    assert "机器人已停用" in html
    assert html.count(f'href="{PAGE}') >= 2
    world.login(client, "approver")
    html = client.get(link).content.decode()
    assert "机器人已收下" in html
    assert f'href="{PAGE}' not in html
    world.login(client, "neighbour")
    assert client.get(link).status_code == 404
    world.login(client, "officer")
    assert client.get(f"{link}?export=xlsx").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_group_that_is_ended_during_an_issue_waits_for_it_and_does_not_make_it_fail(apps: Apps) -> None:
    world = World.build(people=False)
    one = group(world, apps, apps.bot(WECOM))
    started, ended = threading.Event(), threading.Event()

    def ends() -> None:
        started.wait(5)
        keeping.end(world.officer, one)
        ended.set()
        connection.close()

    other = threading.Thread(target=ends)
    other.start()
    with transaction.atomic():
        event = Desk(world).issued(**WEB, audience={"places": [VILLAGE], "groups": ["residents"]})
        assert ChatNote.objects.filter(event=event).count() == 1
        started.set()
        assert not ended.wait(1)
    other.join(10)
    assert ended.is_set()
    assert not ChatGroup.objects.exists()


def test_what_is_changed_after_it_was_ended_is_a_sentence(world: World, apps: Apps) -> None:
    one = group(world, apps, apps.bot(WECOM))
    keeping.end(world.officer, one)
    for act in (
        lambda: keeping.change(world.officer, one, {"name": "x", "audience": "staff"}),
        lambda: keeping.end(world.officer, one),
    ):
        with pytest.raises(NotFound):
            act()


def test_another_robot_of_the_group_does_not_inherit_the_secret(world: World, desk: Desk, apps: Apps) -> None:
    one = group(world, apps, apps.bot(DINGTALK, secret="SECold"))
    plain = apps.bot(WECOM)
    keeping.change(world.officer, one, {"name": "群", "audience": "staff", "address": apps.address(plain)})
    one.refresh_from_db()
    assert (one.kind, one.secret) == (WECOM, None)
    desk.issued(**WEB)
    worked()
    assert len(plain.got) == 1
