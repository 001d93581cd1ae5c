"""Mail over TLS to real servers whose certificates an own authority signed: what is trusted, what is refused and how
that is said, and that nothing ever goes out in the clear instead."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from pytest_django.fixtures import Settings

from lastmile.alerting.channels import reasons
from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.channels.email.connection import LATER, Server
from lastmile.alerting.channels.email.transport import EmailChannel, from_settings
from lastmile.alerting.channels.tests.rigs import Postbox, free_port
from tests.authority import Authority

MAIL = Message("7-1-email-0", 1, "p1@example.cn", "立即转移", "暴雨红色预警")


class Watched(Postbox):
    """A postbox that notes of each mail whether it came encrypted."""

    def __init__(self) -> None:
        super().__init__()
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's)
        self.encrypted.append(session.ssl is not None or _encrypted(server))
        return await super().handle_DATA(server, session, envelope)


def _encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


Start = Callable[..., int]


@pytest.fixture
def box() -> Watched:
    return Watched()


@pytest.fixture
def start(box: Watched) -> Iterator[Start]:
    """Start a mail server with these abilities; its port."""
    running: list[Controller] = []

    def _start(**abilities: Any) -> int:
        controller = Controller(box, hostname="127.0.0.1", port=free_port(), **abilities)
        controller.start()
        running.append(controller)
        return int(controller.port)

    yield _start
    for controller in running:
        controller.stop()


def starttls(port: int, authorities: Path | str = "", host: str = "localhost") -> EmailChannel:
    server = Server(
        host, port, starttls=True, authorities=str(authorities), sender="Lastmile <warn@example.cn>", timeout=5
    )
    return EmailChannel(server)


async def outcome(channel: EmailChannel) -> Outcome:
    try:
        return (await channel.send([MAIL]))[0]
    finally:
        await channel.close()


async def says(channel: EmailChannel) -> str:
    """What the page of the channels shows, in Chinese."""
    with translation.override("zh-hans"):
        health = await channel.health()
    await channel.close()
    assert not health.ok
    return health.says


async def test_a_certificate_of_the_own_authority_is_accepted(start: Start, box: Watched, tmp_path: Path) -> None:
    county = Authority(tmp_path)
    port = start(tls_context=county.server(), require_starttls=True)
    channel = starttls(port, county.file)
    assert (await channel.health()).ok
    assert (await outcome(channel)).what is What.ACCEPTED
    assert box.encrypted == [True]


@pytest.mark.parametrize("trusts", ["the system's authorities", "another authority"])
async def test_a_certificate_of_an_unknown_authority_is_refused_in_words(
    start: Start, box: Watched, tmp_path: Path, trusts: str
) -> None:
    file = "" if trusts.startswith("the system") else str(Authority(tmp_path, "stranger").file)
    port = start(tls_context=Authority(tmp_path).server(), require_starttls=True)
    found = await outcome(starttls(port, file))
    assert (found.what, found.after) == (What.RETRY, LATER)
    assert found.reason == "the certificate of the mail server is from an unknown authority"
    sentence = await says(starttls(port, file))
    assert "不认识的机构" in sentence
    assert "LASTMILE_SMTP_CA" in sentence
    assert box.mails == []


@pytest.mark.parametrize(
    ("name", "days", "reason", "word"),
    [
        ("mail.example.cn", 1, "the certificate of the mail server is for another name", "另一个名称"),
        ("localhost", -1, "the certificate of the mail server has expired", "已过期"),
    ],
)
async def test_a_certificate_that_is_old_or_for_another_name_is_refused_in_words(
    start: Start, box: Watched, tmp_path: Path, name: str, days: int, reason: str, word: str
) -> None:
    county = Authority(tmp_path)
    port = start(tls_context=county.server(name, days=days), require_starttls=True)
    assert (await outcome(starttls(port, county.file))).reason == reason
    assert word in await says(starttls(port, county.file))
    assert box.mails == []


async def test_a_server_without_starttls_gets_nothing_where_it_is_demanded(
    start: Start, box: Watched, tmp_path: Path
) -> None:
    port = start()
    found = await outcome(starttls(port, Authority(tmp_path).file))
    assert (found.what, found.after) == (What.RETRY, LATER)
    with translation.override("zh-hans"):
        assert reasons.say(found.reason) == "邮件服务器不提供加密（STARTTLS）"
    assert "LASTMILE_SMTP_TLS" in await says(starttls(port))
    assert box.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # that is the trap
async def test_the_password_is_not_told_to_a_server_that_cannot_be_trusted(start: Start, tmp_path: Path) -> None:
    heard: list[bytes] = []

    def check(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: LoginPassword) -> AuthResult:
        heard.append(data.password)
        return AuthResult(success=True)

    county, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    demands = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    for port in (start(**demands), start(tls_context=stranger.server(), **demands)):
        server = Server(
            "localhost", port, "warn", "secret", starttls=True, authorities=str(county.file), sender="a@b.cn"
        )
        assert (await outcome(EmailChannel(server))).what is What.RETRY
    assert heard == []
    port = start(tls_context=county.server(), **demands)
    server = Server("localhost", port, "warn", "secret", starttls=True, authorities=str(county.file), sender="a@b.cn")
    assert (await outcome(EmailChannel(server))).what is What.ACCEPTED
    assert heard == [b"secret"]


async def test_tls_from_the_first_byte_is_checked_the_same_way(start: Start, box: Watched, tmp_path: Path) -> None:
    county, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    port = start(ssl_context=county.server())
    for authority, what in ((stranger, What.RETRY), (county, What.ACCEPTED)):
        server = Server("localhost", port, tls=True, authorities=str(authority.file), sender="a@b.cn", timeout=5)
        assert (await outcome(EmailChannel(server))).what is what
    assert box.encrypted == [True]


async def test_a_renewed_authority_counts_without_a_restart(start: Start, box: Watched, tmp_path: Path) -> None:
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    port = start(tls_context=new.server(), require_starttls=True)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(old.file.read_bytes())
    channel = starttls(port, trusted)
    assert (await outcome(channel)).what is What.RETRY
    trusted.write_bytes(old.file.read_bytes() + new.file.read_bytes())
    assert (await outcome(channel)).what is What.ACCEPTED
    assert len(box.mails) == 1


def test_a_missing_file_of_authorities_is_named(tmp_path: Path) -> None:
    (problem,) = starttls(587, tmp_path / "gone.pem").problems()
    assert "gone.pem" in problem


def test_the_settings_reach_both_the_channel_and_djangos_own_mails(
    start: Start, box: Watched, tmp_path: Path, settings: Settings
) -> None:
    county, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", start(tls_context=county.server(), require_starttls=True)
    settings.EMAIL_USE_TLS, settings.EMAIL_CA = True, str(county.file)
    assert from_settings().server.authorities == str(county.file)
    mail = EmailMessage("今日待办", "……", "warn@example.cn", ["p1@example.cn"])
    assert get_connection("lastmile.kernel.mail.Backend").send_messages([mail]) == 1
    assert box.encrypted == [True]
    settings.EMAIL_CA = str(stranger.file)
    with pytest.raises(ssl.SSLCertVerificationError):
        get_connection("lastmile.kernel.mail.Backend").send_messages([mail])
    assert len(box.mails) == 1
