"""The e-mail channel against a real SMTP server that accepts, refuses, puts off, hangs and disappears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.channels.email.connection import Server
from lastmile.alerting.channels.email.transport import EmailChannel
from lastmile.alerting.channels.tests.rigs import Postbox, email, free_port


def batch(count: int) -> list[Message]:
    return [
        Message(f"7-{n}-email-0", n, f"p{n}@example.cn", f"给{n}号：立即转移", "暴雨红色预警") for n in range(count)
    ]


def kinds(found: list[Outcome]) -> list[What]:
    return [outcome.what for outcome in found]


async def test_every_mail_arrives_once() -> None:
    box = Postbox()
    async with email(box) as channel:
        assert kinds(await channel.send(batch(30))) == [What.ACCEPTED] * 30
    assert sorted(m.rcpt_tos[0] for m in box.mails) == sorted(m.address for m in batch(30))
    assert all(m.mail_from == "warn@example.cn" for m in box.mails)


async def test_connections_are_kept_and_used_again() -> None:
    box = Postbox()
    async with email(box) as channel:
        await channel.send(batch(5))
        kept = {id(client) for client, _used in channel._idle}
        await channel.send(batch(5))
        assert {id(client) for client, _used in channel._idle} == kept
    assert len(box.mails) == 10


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("550 no such user", What.REFUSED),
        ("551 user not local", What.REFUSED),
        ("450 mailbox busy", What.RETRY),
        ("421 going down", What.RETRY),
        ("554 we do not like you", What.RETRY),
    ],
)
async def test_an_address_refused_by_the_server_does_not_stop_the_others(answer: str, what: What) -> None:
    box = Postbox()
    box.refuse["p1@example.cn"] = answer
    async with email(box) as channel:
        found = await channel.send(batch(4))
    assert kinds(found) == [What.ACCEPTED, what, What.ACCEPTED, What.ACCEPTED]
    assert answer.split(" ", 1)[1] in found[1].reason


@pytest.mark.parametrize(("answer", "what"), [("452 no room", What.RETRY), ("552 too big", What.REFUSED)])
async def test_an_answer_after_the_text_is_an_answer(answer: str, what: What) -> None:
    box = Postbox()
    box.at_data = answer
    async with email(box) as channel:
        assert kinds(await channel.send(batch(2))) == [what] * 2


class Breaking(Postbox):
    """Does something bad at a step of the conversation."""

    def __init__(self, at: str, act: Callable[[SMTP], object]) -> None:
        super().__init__()
        self.at, self.act = at, act

    async def handle_RCPT(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at == "rcpt":
            await self._break(server)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (as above)
        answer = await super().handle_DATA(server, session, envelope)
        if self.at == "data":
            await self._break(server)
        return answer

    async def _break(self, server: SMTP) -> None:
        done = self.act(server)
        if asyncio.iscoroutine(done):
            await done


def cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


@pytest.mark.parametrize(("at", "what"), [("rcpt", What.RETRY), ("data", What.UNKNOWN)])
async def test_a_cut_before_the_text_is_tried_again_and_after_it_is_unknown(at: str, what: What) -> None:
    async with email(Breaking(at, cut)) as channel:
        assert kinds(await channel.send(batch(1))) == [what]


@pytest.mark.parametrize(("at", "what"), [("rcpt", What.RETRY), ("data", What.UNKNOWN)])
async def test_a_server_that_hangs_is_left_after_a_while(at: str, what: What) -> None:
    async def hang(_server: SMTP) -> None:
        await asyncio.sleep(1.5)

    box = Breaking(at, hang)
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    channel = EmailChannel(Server("127.0.0.1", controller.port, sender="warn@example.cn", timeout=0.4))
    assert kinds(await channel.send(batch(1))) == [what]
    await channel.close()
    controller.stop()


async def test_without_a_server_nothing_was_taken() -> None:
    channel = EmailChannel(Server("127.0.0.1", free_port(), sender="warn@example.cn", timeout=1))
    assert kinds(await channel.send(batch(2))) == [What.RETRY] * 2
    assert not (await channel.health()).ok


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the test server has no certificate
async def test_it_logs_in_and_a_wrong_password_is_not_the_residents_fault() -> None:
    def check(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == b"right")

    box, port = Postbox(), free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=check, auth_required=True, auth_require_tls=False
    )
    controller.start()
    for password, what in (("wrong", What.RETRY), ("right", What.ACCEPTED)):
        channel = EmailChannel(Server("127.0.0.1", port, "lastmile", password, sender="warn@example.cn"))
        assert kinds(await channel.send(batch(1))) == [what]
        assert (await channel.health()).ok is (what is What.ACCEPTED)
        await channel.close()
    controller.stop()
    assert len(box.mails) == 1


async def test_starttls_is_insisted_on_when_it_is_set() -> None:
    async with email() as plain:
        server = Server(plain.server.host, plain.server.port, sender="warn@example.cn", starttls=True, timeout=2)
        channel = EmailChannel(server)
        assert kinds(await channel.send(batch(1))) == [What.RETRY]  # never in the clear instead
        await channel.close()


def test_what_is_not_set_is_named() -> None:
    wrong = EmailChannel(Server("", 25, sender="nobody", tls=True, starttls=True)).problems()
    assert [name in " ".join(wrong) for name in ("SMTP_HOST", "MAIL_FROM", "SMTP_TLS")] == [True] * 3
