"""Real mail by SMTP over a few connections that stay open.

The conversation is led step by step, because what a broken connection means depends on the step: before the text is
sent nothing was accepted (try again), after it the server may have it (unknown). 4xx is for now, 5xx for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import ACCEPTED, Capabilities, Health, Message, Outcome, Setting, What
from lastmile.alerting.channels.email.connection import LATER, SOON, Server, connect, not_connected, says
from lastmile.alerting.channels.email.mail import BadAddress, build
from lastmile.alerting.channels.said import said

REUSES = 100  # mails over one connection; many servers close it after that


class EmailChannel:
    name = "email"

    def __init__(self, server: Server) -> None:
        self.server = server
        # A doubled mail does no harm and carries the same Message-ID; so an unknown one is sent again.
        self.can = Capabilities(contact="email", batch=100, in_flight=server.connections)
        self._idle: list[tuple[aiosmtplib.SMTP, int]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limit = asyncio.Semaphore(server.connections)

    @property
    def label(self) -> str:
        return _("e-mail")

    @property
    def meaning(self) -> str:
        return _(
            "“Accepted” means that the mail server has taken the mail. It may still bounce later or lie unread; "
            "nothing is reported back. Only the link in it shows that somebody read it."
        )

    async def open(self) -> None:
        self._adopt_loop()

    async def close(self) -> None:
        for client, _used in self._idle:
            await _quit(client)
        self._idle.clear()

    def _adopt_loop(self) -> None:
        if self._loop is not asyncio.get_running_loop():
            self._loop = asyncio.get_running_loop()
            self._idle = []
            self._limit = asyncio.Semaphore(self.server.connections)

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        self._adopt_loop()
        if self.problems():
            return [Outcome(What.RETRY, "the mail server is not set up", LATER)] * len(batch)
        outcomes: list[Outcome] = [Outcome(What.RETRY, "not tried", SOON)] * len(batch)
        waiting = iter(range(len(batch)))

        async def sender() -> None:
            async with self._limit:
                for index in waiting:
                    outcomes[index] = await self._one(batch[index])

        await asyncio.gather(*(sender() for _ in range(min(self.server.connections, len(batch)))))
        return outcomes

    async def _one(self, message: Message) -> Outcome:
        try:
            mail = build(message, self.server.sender)
        except BadAddress:
            return Outcome(What.REFUSED, "not an e-mail address")
        try:
            client, used = await self._client()
        except (SMTPException, OSError) as error:
            return not_connected(error)
        outcome, usable = await _deliver(client, self.server.sender, message.address, mail.as_bytes())
        if usable and used < REUSES:
            self._idle.append((client, used + 1))
        else:
            await _quit(client)
        return outcome

    async def _client(self) -> tuple[aiosmtplib.SMTP, int]:
        """An idle connection that still answers, or a new one."""
        while self._idle:
            client, used = self._idle.pop()
            try:
                await client.rset()
            except (SMTPException, OSError):
                client.close()
            else:
                return client, used
        return await connect(self.server), 0

    async def health(self) -> Health:
        wrong = self.problems()
        if wrong:
            return Health(ok=False, says=wrong[0])
        self._adopt_loop()
        try:
            async with asyncio.timeout(3):
                client, used = await self._client()
        except (SMTPException, OSError) as error:
            return Health(ok=False, says=says(error))
        self._idle.append((client, used))
        return Health(ok=True, says=said(gettext_noop("The mail server answers and lets us in.")))

    def settings(self) -> list[Setting]:
        server = self.server
        safety = "TLS" if server.tls else "STARTTLS" if server.starttls else _("none")
        return [
            Setting("LASTMILE_SMTP_HOST", server.host),
            Setting("LASTMILE_SMTP_PORT", str(server.port)),
            Setting("LASTMILE_SMTP_USER", server.user),
            Setting("LASTMILE_SMTP_PASSWORD", server.password, secret=True),
            Setting("LASTMILE_MAIL_FROM", server.sender),
            Setting(_("encryption of the connection"), safety),
            Setting("LASTMILE_SMTP_CA", server.authorities),
        ]

    def problems(self) -> list[str]:
        found = []
        if not self.server.host:
            found.append(_("There is no mail server. Set LASTMILE_SMTP_HOST."))
        if self.server.sender.count("@") != 1:
            found.append(_("The sender of mails is not an address. Set LASTMILE_MAIL_FROM like warnings@example.cn."))
        if self.server.tls and self.server.starttls:
            found.append(
                _("Mail can be encrypted in one way only. Set LASTMILE_SMTP_TLS or LASTMILE_SMTP_SSL, not both.")
            )
        if self.server.authorities and not Path(self.server.authorities).is_file():
            found.append(_("There is no file %(path)s. Set LASTMILE_SMTP_CA.") % {"path": self.server.authorities})
        return found


async def _deliver(client: aiosmtplib.SMTP, sender: str, address: str, mail: bytes) -> tuple[Outcome, bool]:
    """The outcome, and whether the connection can be used again."""
    from email.utils import parseaddr

    handed = False
    try:
        await client.mail(parseaddr(sender)[1])
        await client.rcpt(address)
        handed = True
        await client.data(mail)
    except SMTPResponseException as error:
        return _answered(error), error.code != 421
    except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
        says = f"connection broke: {type(error).__name__}"
        return (Outcome(What.UNKNOWN, says) if handed else Outcome(What.RETRY, says, SOON)), False
    except (SMTPException, ValueError) as error:
        return Outcome(What.REFUSED, f"the mail server can't take it: {type(error).__name__}"), False
    return ACCEPTED, True


def _answered(error: SMTPResponseException) -> Outcome:
    says = f"{error.code} {error.message}"[:200]
    if 500 <= error.code < 600 and error.code not in (530, 535, 554):
        return Outcome(What.REFUSED, says)
    # 530 and 535 are our log-in, 554 is often our standing: neither is the resident's address
    return Outcome(What.RETRY, says, LATER)


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(1):
            await client.quit()
    except (SMTPException, OSError):
        client.close()


def from_settings() -> EmailChannel:
    from django.conf import settings

    return EmailChannel(
        Server(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            starttls=settings.EMAIL_USE_TLS,
            tls=settings.EMAIL_USE_SSL,
            authorities=settings.EMAIL_CA,
            sender=settings.DEFAULT_FROM_EMAIL,
            connections=settings.EMAIL_CONNECTIONS,
        )
    )
