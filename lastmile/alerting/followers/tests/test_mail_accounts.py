"""By whose account a mail leaves: the nearest of the place that is followed; a dead one holds up no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import routes
from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.channels.email.transport import EmailChannel
from lastmile.alerting.channels.tests.rigs import Postbox, free_port
from lastmile.alerting.followers import asking, figures, letters
from lastmile.alerting.followers.tests.test_mail import WEB, ask, follower, letter, mail_server, worked
from lastmile.alerting.followers.tests.working import jobs
from lastmile.alerting.models import ChannelAccount, Told
from lastmile.alerting.tests.conftest import COUNTY, VILLAGE, Desk
from lastmile.kernel import clock
from tests.world import World

BESIDE = "410181"


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.OUTWARD_ALLOW = ["127.0.0.1/32"]


def account(place: str, port: int, *, channel: str = "email", enabled: bool = True) -> ChannelAccount:
    values = {"host": "127.0.0.1", "port": port, "user": "", "password": "", "encryption": "none"}
    values["sender"] = f"warn@{place}.example.cn"
    made = ChannelAccount(place_id=place, channel=channel, kind="email", name=place, enabled=enabled)
    made.settings, made.changed_at = json.dumps(values), clock.now()
    made.save()
    return made


def got(box: Postbox) -> list[tuple[str, str]]:
    """(sender in the envelope, address)."""
    return sorted((str(mail.mail_from), str(mail.rcpt_tos[0])) for mail in box.mails)


def test_a_mail_leaves_by_the_nearest_account_of_the_followed_place(world: World, desk: Desk, settings: Any) -> None:
    for place, name in ((VILLAGE, "village"), (COUNTY, "county"), ("4101", "city"), ("", "all")):
        follower(place, f"{name}@example.cn")
    with mail_server(settings) as box:
        account(COUNTY, settings.EMAIL_PORT)
        account(VILLAGE, settings.EMAIL_PORT)
        account(BESIDE, settings.EMAIL_PORT)
        account("4101", settings.EMAIL_PORT, enabled=False)
        desk.issued(**WEB)
        worked()
    own, county, village = "warn@example.cn", "warn@410182.example.cn", f"warn@{VILLAGE}.example.cn"
    expected = [(own, "all@example.cn"), (own, "city@example.cn")]
    assert got(box) == sorted([*expected, (county, "county@example.cn"), (village, "village@example.cn")])
    assert all(str(letter(mail)["From"]).endswith(str(mail.mail_from)) for mail in box.mails if mail.mail_from != own)


def test_the_first_mail_with_the_link_leaves_by_it_too(world: World, client: Client, settings: Any) -> None:
    ask(client)
    with mail_server(settings) as box:
        account(COUNTY, settings.EMAIL_PORT)
        settings.EMAIL_HOST = ""  # nothing of the installation's own
        letters.send_confirmation(**jobs(asking.CONFIRM)[0])
    assert got(box) == [("warn@410182.example.cn", "reader@example.cn")]


def test_an_account_that_does_not_answer_holds_up_nobody_else(world: World, desk: Desk, settings: Any) -> None:
    for number in range(20):
        follower(VILLAGE, f"v{number}@example.cn")
    follower("4101", "city@example.cn")
    with mail_server(settings) as box:
        account(VILLAGE, free_port())
        desk.issued(**WEB)
        worked()
        assert got(box) == [("warn@example.cn", "city@example.cn")]
        waiting = Told.objects.filter(follower__place=VILLAGE, state=Told.State.WAITING)
        assert waiting.count() == 20  # by nobody else's account, either
        assert waiting.filter(reason=letters.UNTRIED.reason, tries=0).count() == 20 - letters.FIRST
        ChannelAccount.objects.all().delete()
        clock.forward(minutes=3)
        worked()
    assert not waiting.exists()
    assert len(box.mails) == 21


def test_the_settings_of_an_account_that_can_not_be_opened_let_its_mail_wait(
    world: World, desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower()
    monkeypatch.setattr(routes, "made", lambda _route: None)
    with mail_server(settings) as box:
        account(COUNTY, settings.EMAIL_PORT)
        desk.issued(**WEB)
        worked()
    assert box.mails == []
    told = Told.objects.get()
    assert (told.state, told.reason) == (Told.State.WAITING, "the account of the place can't be used")


def test_a_server_that_answers_no_is_asked_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Message] = []

    async def send(channel: EmailChannel, batch: list[Message]) -> list[Outcome]:
        tried.extend(batch)
        return [Outcome(What.REFUSED, "550 no such mailbox")] * len(batch)

    monkeypatch.setattr(EmailChannel, "send", send)
    mails = [("", Message(str(number), 0, f"v{number}@example.cn", "立即离开")) for number in range(20)]
    assert {one.what for one in letters._sent(mails)} == {What.REFUSED}
    assert [one.key for one in tried] == [mail.key for _place, mail in mails]


def test_the_console_misses_the_installations_own_server_only_where_it_is_needed(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    account(COUNTY, 25)

    def problems() -> list[str]:
        return next(one.problems for one in figures.standings() if one.kind == "mail")

    assert problems()  # whoever asks next may follow another place
    follower(VILLAGE)
    assert problems() == []
    follower(BESIDE)
    assert problems()
