"""Warnings by mail for everybody: asked, confirmed by the owner of the address alone, sent once, ended by one tap."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from lastmile.alerting.channels.tests.rigs import Postbox, free_port
from lastmile.alerting.followers import asking, letters, telling
from lastmile.alerting.followers.tests import working
from lastmile.alerting.followers.tests.working import jobs
from lastmile.alerting.models import Follower, Told
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from tests.world import World

WEB: dict[str, Any] = {"channels": ["sms", "web"]}
ADDRESS = "reader@example.cn"
MAIL = Follower.Kind.MAIL


@contextmanager
def mail_server(settings: Any, box: Postbox | None = None) -> Iterator[Postbox]:
    """A real SMTP server, named by the settings."""
    box = box or Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.DEFAULT_FROM_EMAIL = "Lastmile <warn@example.cn>"
    settings.PUBLIC_URL = "https://warn.example.cn"
    try:
        yield box
    finally:
        controller.stop()


def follower(place: str = VILLAGE, address: str = ADDRESS, **more: Any) -> Follower:
    now = clock.now()
    facts = {"asked_at": now, "confirmed_at": now, "secret": f"{address}{place}"[:32]}
    return Follower.objects.create(
        kind=MAIL, mark=keyring().blind(address), place=place, address=address, **(facts | more)
    )


def worked() -> int:
    return working.worked(MAIL)


def letter(envelope: Any) -> EmailMessage:
    found = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def words(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def ask(client: Client, address: str = ADDRESS, place: str = VILLAGE, **more: Any) -> Any:
    return client.post("/w/my/mail/", {"address": address, "place": place, "colour": "4"}, **more)


def test_nothing_is_sent_before_the_owner_of_the_address_has_confirmed(
    client: Client, world: World, desk: Desk, settings: Any
) -> None:
    assert ask(client).status_code == 200
    only = Follower.objects.get()
    assert (only.confirmed_at, only.place) == (None, VILLAGE)
    desk.issued(**WEB)
    with mail_server(settings) as box:
        assert worked() == 0
        letters.send_confirmation(**jobs(asking.CONFIRM)[0])
        (asked,) = box.mails
        assert asked.rcpt_tos == [ADDRESS]
        link = f"/w/my/{only.secret}/"
        assert f"https://warn.example.cn{link}" in words(letter(asked), "plain")
        assert f'href="https://warn.example.cn{link}"' in words(letter(asked), "html")
        page = client.get(link)
        assert (page.status_code, page["Referrer-Policy"], page.cookies) == (200, "no-referrer", {})
        only.refresh_from_db()
        assert only.confirmed_at is None  # a program that opens links has confirmed nothing
        assert client.post(link, {"act": "confirm"}).status_code == 302
        clock.forward(minutes=1)
        desk.issued(**WEB, hazard="flood")
        assert worked() == 1  # the one of before stays unsent, although its job is done again
        assert worked() == 0


def test_the_answer_is_the_same_for_a_known_address_and_an_unknown_one(
    client: Client, world: World, settings: Any
) -> None:
    known = follower()
    first = ask(client, " Reader@Example.cn ").content
    assert first == ask(client, "nobody@example.cn").content
    assert first == ask(client).content  # and while it is too soon
    with mail_server(settings) as box:
        clock.forward(minutes=31)
        ask(client)
        letters.send_confirmation(known.pk)
    assert "已经" in words(letter(box.mails[0]), "plain")


def test_nobodys_mailbox_is_filled_by_others(client: Client, world: World) -> None:
    ask(client)
    ask(client)
    assert len(jobs(asking.CONFIRM)) == 1
    for place in ("410182", "410182109", "4101", ""):
        ask(client, place=place, REMOTE_ADDR=f"10.0.0.{len(place)}")
    assert len(jobs(asking.CONFIRM)) == asking.PER_ADDRESS
    clock.forward(minutes=31)
    ask(client)
    assert len(jobs(asking.CONFIRM)) == asking.PER_ADDRESS + 1
    for n in range(5):
        status = ask(client, f"a{n}@example.cn", REMOTE_ADDR="10.9.9.9").status_code
        assert status == 200
    assert ask(client, "a9@example.cn", REMOTE_ADDR="10.9.9.9").status_code == 429


def test_who_has_confirmed_is_not_changed_by_whoever_types_the_address(client: Client, world: World) -> None:
    only = follower()
    client.post("/w/my/mail/", {"address": ADDRESS, "place": VILLAGE, "colour": "1"})
    only.refresh_from_db()
    assert only.colour == 4
    client.post(f"/w/my/{only.secret}/", {"act": "change", "colour": "2", "language": "en"})
    only.refresh_from_db()
    assert (only.colour, only.language) == (2, "en")


def test_what_is_no_address_is_said(client: Client, world: World) -> None:
    for n, odd in enumerate(("", "x", "a@b@c", "a b@c.cn", "a@c.cn\r\nBcc: x@y.cn", "\0@x.cn", "@", "ä" * 300)):
        answer = ask(client, odd, REMOTE_ADDR=f"10.0.1.{n}")
        assert answer.status_code in (400, 422), odd
        assert 'role="alert"' in answer.content.decode()
        assert 'name="place" value="410182109211"' in answer.content.decode()  # nothing chosen is lost
    assert not Follower.objects.exists()


def test_a_warning_of_the_place_comes_as_text_and_html_with_its_way_out(
    client: Client, world: World, desk: Desk, settings: Any
) -> None:
    who = follower()
    follower("410182109205", "other@example.cn")  # the village beside
    with mail_server(settings) as box:
        event = desk.issued(**WEB)
        assert worked() == 1
    mail = letter(box.mails[0])
    assert box.mails[0].rcpt_tos == [ADDRESS]
    assert "立即离开河沟" in words(mail, "plain")
    assert f"/w/{event.alert.code}/" in words(mail, "html")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    way = str(mail["List-Unsubscribe"]).strip("<>")
    assert way == f"https://warn.example.cn/w/my/{who.secret}/"
    address = way.removeprefix("https://warn.example.cn")
    assert client.get(address).status_code == 200
    assert Follower.objects.filter(pk=who.pk).exists()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Follower.objects.filter(pk=who.pk).exists()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_a_warning_to_a_resident_is_no_list() -> None:
    from lastmile.alerting.channels.contract import Message
    from lastmile.alerting.channels.email.mail import build

    assert build(Message("k", 1, ADDRESS, "立即离开"), "warn@example.cn")["List-Unsubscribe"] is None


def test_a_long_address_that_ends_it_stays_one_a_program_can_click() -> None:
    from lastmile.alerting.channels.contract import Message
    from lastmile.alerting.channels.email.mail import build

    way = f"https://{'warnings.' * 12}example.cn/w/my/{'s' * 32}/"
    raw = build(Message("k", 0, ADDRESS, "立即离开", leave=way), "warn@example.cn").as_bytes()
    assert f"\r\nList-Unsubscribe: <{way}>\r\n".encode() in raw


def test_who_has_left_gets_nothing_not_even_what_was_waiting(world: World, desk: Desk, settings: Any) -> None:
    who = follower()
    telling.note(desk.issued(**WEB))
    asking.leave(who)
    with mail_server(settings) as box:
        assert worked() == 0
        desk.issued(**WEB, hazard="flood")
        worked()
    assert box.mails == []


def test_an_exercise_and_what_is_not_public_is_sent_to_nobody(world: World, desk: Desk) -> None:
    follower("")
    desk.issued(**WEB, exercise=True)
    desk.issued(channels=["sms"])
    assert jobs(telling.NOTE) == []


def test_only_the_colours_that_were_wanted_but_the_whole_chain_of_what_was_told(
    world: World, desk: Desk, settings: Any
) -> None:
    follower(colour=2)
    with mail_server(settings) as box:
        desk.issued(**WEB, colour=3, hazard="flood")
        worked()
        assert box.mails == []
        orange = desk.issued(**WEB, colour=2)
        worked()
        milder = desk.follow(orange, "update", colour=4)
        worked()
        desk.follow(milder, "lift")
        worked()
    assert ["解除" in letter(mail)["Subject"] for mail in box.mails] == [False, False, True]


def test_what_is_over_before_it_could_go_is_not_sent_but_its_all_clear(world: World, desk: Desk, settings: Any) -> None:
    follower()
    red = desk.issued(**WEB)
    desk.follow(red, "lift")
    with mail_server(settings) as box:
        worked()
    (only,) = box.mails
    assert "解除" in letter(only)["Subject"]
    assert sorted(Told.objects.values_list("state", flat=True)) == ["over", "sent"]


def test_in_english_by_template_where_nobody_wrote_it(world: World, desk: Desk, settings: Any) -> None:
    follower(language="en")
    with mail_server(settings) as box:
        desk.issued(**WEB)
        worked()
    mail = letter(box.mails[0])
    assert "Rainstorm: red warning" in mail["Subject"]
    assert "To change or end these mails" in words(mail, "plain")
    assert '<html lang="en">' in words(mail, "html")


def test_a_server_that_is_away_is_tried_again_and_a_mailbox_that_is_gone_is_destroyed(
    client: Client, world: World, desk: Desk, settings: Any
) -> None:
    follower()
    event = desk.issued(**WEB)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert worked() == 1
    assert worked() == 0  # not at once
    assert list(Told.objects.values_list("state", "tries")) == [("waiting", 1)]
    world.login(client, "officer")
    assert "连不上邮件服务器" in client.get("/channels/followers/").content.decode()
    with mail_server(settings) as box:
        box.refuse[ADDRESS] = "550 no such mailbox"
        for _ in range(telling.DEAD):
            clock.forward(minutes=10)
            worked()
            event = desk.issued(**WEB, hazard="flood")
    assert event
    assert not Follower.objects.exists()


def test_a_dead_workers_batch_is_taken_up_later(world: World, desk: Desk) -> None:
    follower()
    telling.note(desk.issued(**WEB))
    assert len(telling._claim(MAIL)) == 1
    assert telling._claim(MAIL) == []
    clock.forward(minutes=6)
    assert len(telling._claim(MAIL)) == 1


def test_a_confirmation_that_the_server_does_not_take_is_done_again(
    client: Client, world: World, settings: Any
) -> None:
    ask(client)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with pytest.raises(letters.NotSent):
        letters.send_confirmation(Follower.objects.get().pk)


def test_what_nobody_confirmed_is_destroyed(client: Client, world: World) -> None:
    ask(client)
    kept = follower(address="b@example.cn")
    assert asking.forget() == 0
    clock.forward(days=3)
    assert asking.forget() == 1
    assert list(Follower.objects.all()) == [kept]


def test_an_unknown_link_is_said_to_be_one(client: Client, world: World) -> None:
    assert client.get("/w/my/nothing/").status_code == 404
    assert client.post("/w/my/nothing/", {"act": "confirm"}).status_code == 404
    assert client.get("/w/my/mail/").status_code == 405


def test_the_address_is_sealed_and_its_index_says_nothing(client: Client, world: World) -> None:
    ask(client)
    only = Follower.objects.get()
    assert ADDRESS not in str(only.address)
    assert ADDRESS.encode() not in bytes(only.mark)
    assert ADDRESS.encode() not in only.address.data


def test_the_pages_are_small_and_work_without_script(client: Client, world: World) -> None:
    page = client.get(f"/w/follow/?place={VILLAGE}")
    assert b'action="/w/my/mail/"' in page.content
    assert page.content.count(b"<script") == page.content.count(b"<script src=") == 1  # it only adds the browser
    assert len(page.content) < 15_000


def test_figures_hold_no_address(client: Client, world: World) -> None:
    follower()
    world.login(client, "officer")
    page = client.get("/channels/followers/").content.decode()
    assert "电子邮件" in page
    assert ADDRESS not in page
