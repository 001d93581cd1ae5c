"""A gateway that takes SMS in batches over HTTP. Our own protocol by default; another vendor is a JSON file.

What an answer means, so that nothing is lost and nothing doubles:
* no connection, 429, 503: nothing was taken: try again
* 401, 403, 404, 413, 4xx: our configuration is wrong, not the messages: try again later, and say so on the channel page
* any other 5xx, a time-out, a broken connection, a message missing in the answer: it may have been taken: unknown
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
from django.utils.translation import gettext as _

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import (
    ACCEPTED,
    Capabilities,
    Health,
    Message,
    Outcome,
    Setting,
    What,
    WhenUnknown,
)
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.sms.vendor import Vendor, dig, number, read, wrap
from lastmile.kernel import clock

SOON, LATER = 5.0, 60.0  # seconds to wait after a gateway that is away, and after one that refuses us
LONGEST = 3600.0  # no gateway may put us off for longer
ANSWER_LIMIT = 20_000_000  # bytes; an answer to 500 messages is a few kB


class SmsChannel:
    name = "sms"

    def __init__(self, *, url: str, secret: str, vendor: Vendor = Vendor(), wrong: str = "") -> None:  # noqa: B008  (frozen)
        self.url, self.secret, self.vendor, self.wrong = url, secret, vendor, wrong
        self.can = Capabilities(
            contact="phone",
            receipts=True,
            replies=True,
            batch=vendor.batch,
            in_flight=vendor.in_flight,
            per_second=vendor.per_second,
            when_unknown=WhenUnknown.SEND_AGAIN if vendor.honours_keys else WhenUnknown.ASK_PERSON,
        )
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def label(self) -> str:
        return _("SMS")

    @property
    def meaning(self) -> str:
        return _(
            "“Accepted” means that the gateway has taken the message, nothing more. “Delivered” is the carrier's "
            "report that the phone has it; a phone that is off has not. Only the link or a reply "
            "shows that somebody read it."
        )

    async def open(self) -> None:
        await self._connected()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def _connected(self) -> aiohttp.ClientSession:
        """The session of the running loop; a session of another loop can't be used and is dropped."""
        if self._session is None or self._session.closed or self._loop is not asyncio.get_running_loop():
            self._loop = asyncio.get_running_loop()
            timeout = aiohttp.ClientTimeout(total=self.vendor.timeout)
            connector = aiohttp.TCPConnector(limit=self.can.in_flight, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        """Hand over a batch, in several posts if it is longer than the gateway takes."""
        size = self.can.batch
        slices = [batch[start : start + size] for start in range(0, len(batch), size)]
        done = await asyncio.gather(*(self._post(part) for part in slices))
        return [outcome for outcomes in done for outcome in outcomes]

    async def _post(self, batch: Sequence[Message]) -> list[Outcome]:
        if self.problems():
            return [Outcome(What.RETRY, "the SMS gateway is not set up", LATER)] * len(batch)
        body = self._body(batch)
        session = await self._connected()
        try:
            async with session.post(self.url, data=body, headers=self._headers(body), allow_redirects=False) as answer:
                if answer.status == 200:
                    return self._read(batch, await answer.content.read(ANSWER_LIMIT))
                return [self._failed(answer)] * len(batch)
        except aiohttp.ClientConnectorError:
            return [Outcome(What.RETRY, "no connection to the SMS gateway", SOON)] * len(batch)
        except TimeoutError:
            return [Outcome(What.UNKNOWN, f"no answer within {self.vendor.timeout:g} s")] * len(batch)
        except (aiohttp.ClientError, OSError) as error:
            return [Outcome(What.UNKNOWN, f"connection broke: {type(error).__name__}")] * len(batch)

    def _body(self, batch: Sequence[Message]) -> bytes:
        names = self.vendor.request
        messages = [
            {**names.each, names.key: m.key, names.to: number(names.number, m.address), names.text: _clean(m.text)}
            for m in batch
        ]
        return orjson.dumps(wrap(names.messages, messages, names.extra))

    def _headers(self, body: bytes) -> dict[str, str]:
        auth = self.vendor.auth
        headers = {"Content-Type": "application/json"}
        if auth.header:
            headers[auth.header] = auth.value.replace("{secret}", self.secret)
        if auth.signature:
            headers |= signing.signed(self.secret, body, now=clock.now().timestamp())
        return headers

    def _read(self, batch: Sequence[Message], body: bytes) -> list[Outcome]:
        """Outcomes by key, since a gateway may answer in any order and for some messages only."""
        names = self.vendor.response
        try:
            results = dig(orjson.loads(body), names.results)
        except orjson.JSONDecodeError:
            results = None
        if not isinstance(results, list):
            return [Outcome(What.UNKNOWN, "the answer of the SMS gateway can't be read")] * len(batch)
        found = {str(r.get(names.key)): r for r in results if isinstance(r, dict)}
        return [self._outcome(found.get(message.key)) for message in batch]

    def _outcome(self, result: dict[str, Any] | None) -> Outcome:
        names = self.vendor.response
        if result is None:
            return Outcome(What.UNKNOWN, "the SMS gateway did not answer for this message")
        status, reason = str(result.get(names.status)), str(result.get(names.reason) or "")[:200]
        if status in names.accepted:
            return ACCEPTED
        if status in names.refused:
            return Outcome(What.REFUSED, reason or "refused by the SMS gateway")
        if status in names.retry:
            return Outcome(What.RETRY, reason or "the SMS gateway is busy", _seconds(result.get(names.after), SOON))
        return Outcome(What.UNKNOWN, f"the SMS gateway says {status[:40]}, which the vendor file does not explain")

    def _failed(self, answer: aiohttp.ClientResponse) -> Outcome:
        says = f"the SMS gateway answers {answer.status}"
        if answer.status in (429, 503):
            return Outcome(What.RETRY, says, _seconds(answer.headers.get("Retry-After"), SOON))
        if answer.status >= 500 or answer.status < 300:
            return Outcome(What.UNKNOWN, says)
        return Outcome(What.RETRY, f"{says}: check its address, secret and vendor file", LATER)

    async def health(self) -> Health:
        """Whether the gateway answers on its address at all; nothing is sent."""
        wrong = self.problems()
        if wrong:
            return Health(ok=False, says=wrong[0])
        session = await self._connected()
        try:
            async with session.get(self.url, timeout=aiohttp.ClientTimeout(total=3), allow_redirects=False) as answer:
                if answer.status >= 500:
                    return Health(
                        ok=False, says=_("The gateway answers with error %(code)d.") % {"code": answer.status}
                    )
                return Health(ok=True, says=_("The gateway answers."))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Health(ok=False, says=_("The gateway does not answer. Check its address and the network."))

    def settings(self) -> list[Setting]:
        vendor = self.vendor
        return [
            Setting("LASTMILE_SMS_URL", self.url),
            Setting("LASTMILE_SMS_SECRET", self.secret, secret=True),
            Setting(_("messages in one request"), str(vendor.batch)),
            Setting(_("honours idempotency keys"), _("yes") if vendor.honours_keys else _("no")),
            Setting(_("time limit of a request"), f"{vendor.timeout:g} s"),
        ]

    def problems(self) -> list[str]:
        found = []
        if self.wrong:
            found.append(_("The SMS vendor file is wrong: %(why)s. Correct LASTMILE_SMS_VENDOR.") % {"why": self.wrong})
        if not self.url.startswith(("http://", "https://")):
            found.append(_("The SMS gateway has no address. Set LASTMILE_SMS_URL to its https address."))
        if not self.secret:
            found.append(_("The SMS gateway has no secret. Set LASTMILE_SMS_SECRET or LASTMILE_SMS_SECRET_FILE."))
        return found


def _clean(text: str) -> str:
    """Text that every gateway can encode: a lone half of a surrogate pair would break the whole batch."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _seconds(value: Any, default: float) -> float:
    try:
        return min(max(float(value), 0.0), LONGEST)
    except (TypeError, ValueError):
        return default


def from_settings() -> SmsChannel:
    from django.conf import settings

    wrong, vendor = "", Vendor()
    try:
        vendor = read(settings.SMS_GATEWAY_VENDOR)
    except BadShape as error:
        wrong = str(error)
    return SmsChannel(url=settings.SMS_GATEWAY_URL, secret=settings.SMS_GATEWAY_SECRET, vendor=vendor, wrong=wrong)
