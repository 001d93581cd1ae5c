"""A connection to the mail server: encrypted as demanded, the server's certificate checked, logged in. Or why not."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTPConnectError, SMTPException, SMTPResponseException
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import Outcome, What
from lastmile.alerting.channels.said import Said, said
from lastmile.kernel import outward
from lastmile.kernel.mail import tls_context

SOON, LATER = 30.0, 300.0  # seconds: a connection that broke, a server that puts us off
EXPIRED, OTHER_NAME, UNKNOWN = (10,), (62, 64), (2, 18, 19, 20, 21)  # OpenSSL's X509_V_ERR_…


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    authorities: str = ""  # PEM file of the certificates trusted instead of the system's
    sender: str = ""
    connections: int = 4
    timeout: float = 20.0
    judged: bool = False  # somebody typed its address: it must be a public one (kernel.outward)


class NoStartTls(SMTPException):
    """The server offers no STARTTLS, which is demanded. Nothing goes out in the clear instead."""


PLAIN: tuple[tuple[type[BaseException], str], ...] = (
    (NoStartTls, "the mail server offers no STARTTLS"),
    (outward.Unreachable, "the address of the mail server is not a public one"),
    (ssl.SSLError, "mail server: no encrypted connection"),
)


async def connect(server: Server) -> aiosmtplib.SMTP:
    """Ready for MAIL. Reads the file of authorities anew: a renewed one counts. Raises SMTPException, OSError."""
    if server.judged:
        await _judge(server)
    context = await asyncio.to_thread(tls_context, server.authorities) if server.tls or server.starttls else None
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls,
        start_tls=False,
        tls_context=context,
        timeout=server.timeout,
    )
    await client.connect()
    try:
        if server.starttls:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                raise NoStartTls("the mail server offers no STARTTLS")
            await client.starttls()
        if server.user:
            await client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


async def _judge(server: Server) -> None:
    try:
        await outward.host(server.host, server.port)
    except outward.Unreachable as error:
        raise SMTPConnectError(str(error)) from error


def why(error: Exception) -> str:
    """In English, for the ledger; `reasons` has the translations."""
    distrusted = _found(error, ssl.SSLCertVerificationError)
    if isinstance(distrusted, ssl.SSLCertVerificationError):
        if distrusted.verify_code in EXPIRED:
            return "the certificate of the mail server has expired"
        if distrusted.verify_code in OTHER_NAME:
            return "the certificate of the mail server is for another name"
        if distrusted.verify_code in UNKNOWN:
            return "the certificate of the mail server is from an unknown authority"
        return f"the certificate of the mail server is not valid: {distrusted.verify_message}"[:200]
    for kind_of, reason in PLAIN:
        if _found(error, kind_of):
            return reason
    if isinstance(error, SMTPResponseException):
        return f"the mail server does not let us in: {error.code}"
    kind = "no connection" if isinstance(error, (SMTPConnectError, OSError)) else type(error).__name__
    return f"mail server: {kind}"


def not_connected(error: Exception) -> Outcome:
    """What an operator must mend is tried again later, a broken line soon."""
    operator = isinstance(error, (SMTPResponseException, NoStartTls)) or _found(error, ssl.SSLError)
    return Outcome(What.RETRY, why(error), LATER if operator else SOON)


def says(error: Exception) -> str:
    """What is wrong and what to do, for the page of the channels."""
    reason = why(error)
    if _found(error, ssl.SSLCertVerificationError):
        mend = gettext_noop(
            "Set LASTMILE_SMTP_HOST to the name in its certificate, and LASTMILE_SMTP_CA to the file of the "
            "authority that signed it."
        )
        return Said(
            [(gettext_noop("The mail server can't be trusted: %(why)s. Nothing is sent."), {"why": reason}), (mend, {})]
        )
    if isinstance(error, NoStartTls):
        return said(
            gettext_noop(
                "The mail server offers no encryption, and LASTMILE_SMTP_TLS demands it: nothing is sent. Ask its "
                "operator to switch STARTTLS on."
            )
        )
    return said(gettext_noop("The mail server can't be used (%(why)s). Check its name, port and log-in."), why=reason)


def _found(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The error itself or what caused it, if it is of this kind."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__
    return error
