"""A gateway that takes SMS in batches over HTTP. Our own protocol by default; another vendor is a JSON file.

What an answer means stands in channels/post.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from lastmile.alerting.channels.contract import (
    Capabilities,
    Health,
    Message,
    Outcome,
    Setting,
    What,
    WhenUnknown,
)
from lastmile.alerting.channels.post import LATER, Far, Poster, in_parts
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.sms.vendor import Vendor, read
from lastmile.alerting.channels.wire import Json, number, wrap


class SmsChannel:
    name = "sms"

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        vendor: Vendor = Vendor(),  # noqa: B008  (frozen)
        wrong: str = "",
        judged: bool = False,
    ) -> None:
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
        self._far = Poster(Far("SMS gateway", secret, vendor.auth, vendor.timeout, vendor.in_flight, judged))

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
        await self._far.connected()

    async def close(self) -> None:
        await self._far.close()

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        return await in_parts(batch, self.can.batch, self._post)

    async def _post(self, batch: Sequence[Message]) -> list[Outcome]:
        if self.problems():
            return [Outcome(What.RETRY, "the SMS gateway is not set up", LATER)] * len(batch)
        answer = await self._far.post(self.url, self._body(batch))
        return self._far.outcomes([message.key for message in batch], answer, self.vendor.response)

    def _body(self, batch: Sequence[Message]) -> Json:
        names = self.vendor.request
        key, to, text, form = names.key, names.to, names.text, names.number
        messages = [{**names.each, key: m.key, to: number(form, m.address), text: m.text} for m in batch]
        return wrap(names.messages, messages, names.extra)

    async def health(self) -> Health:
        """Whether the gateway answers on its address at all; nothing is sent."""
        wrong = self.problems()
        if wrong:
            return Health(ok=False, says=wrong[0])
        return await self._far.health(self.url)

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


def from_settings() -> SmsChannel:
    from django.conf import settings

    wrong, vendor = "", Vendor()
    try:
        vendor = read(settings.SMS_GATEWAY_VENDOR)
    except BadShape as error:
        wrong = str(error)
    return SmsChannel(url=settings.SMS_GATEWAY_URL, secret=settings.SMS_GATEWAY_SECRET, vendor=vendor, wrong=wrong)
