"""SMS by SMPP 3.4, straight to a centre or an aggregator. What a code means stands in status.py."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import (
    Capabilities,
    Health,
    Message,
    Outcome,
    Setting,
    What,
    WhenUnknown,
)
from lastmile.alerting.channels.post import LATER
from lastmile.alerting.channels.said import said
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.smpp import desk as desks
from lastmile.alerting.channels.smpp import office
from lastmile.alerting.channels.smpp.desk import Desk
from lastmile.alerting.channels.smpp.exchange import Exchange
from lastmile.alerting.channels.smpp.options import Options, from_settings, problems
from lastmile.alerting.channels.smpp.status import WHO

BATCH = 500
HEALTH = 4.0  # seconds for a bind and an enquire_link


class SmppChannel:
    name = "smpp"

    def __init__(self, options: Options, *, desk: Desk | None = None, wrong: str = "") -> None:
        self.options, self.wrong = options, wrong
        self.can = Capabilities(
            contact="phone",
            receipts=True,
            replies=True,
            batch=BATCH,
            in_flight=2 if options.per_second else 4,  # what waits here can't be overtaken by a red warning
            per_second=options.per_second,
            when_unknown=WhenUnknown.ASK_PERSON if options.unknown == "show" else WhenUnknown.SEND_AGAIN,
        )
        self._desk = desk
        self._held: Exchange | None = None

    @property
    def label(self) -> str:
        return _("SMS (SMPP)")

    @property
    def meaning(self) -> str:
        return _(
            "“Accepted” means that the SMS centre has taken every part of the message. “Delivered” means that the "
            "carrier has reported every part as arrived at the phone; some carriers report this without proof from "
            "the phone. Only the link or a reply shows that somebody read it."
        )

    def _exchange(self) -> Exchange:
        return office.exchange(self.options, self._desk or desks.current())

    async def open(self) -> None:
        if self._held is None and not self.problems():
            self._held = self._exchange()
            await office.ask(self._held.hold())

    async def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await office.ask(held.release())

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        if not batch:
            return []
        if self.problems():
            return [Outcome(What.RETRY, f"the {WHO} is not set up", LATER)] * len(batch)
        return await office.ask(self._exchange().send(batch))

    async def health(self) -> Health:
        """A bind (or those that stand) and an enquire_link; nothing is sent."""
        wrong = self.problems()
        if wrong:
            return Health(ok=False, says=wrong[0])
        answering, why = await office.ask(self._exchange().asked())
        if answering:
            return Health(ok=True, says=said(gettext_noop("The SMS centre answers; connections: %(n)d."), n=answering))
        if why is None:
            return Health(ok=False, says=said(gettext_noop("The SMS centre can't be used: no connection stands.")))
        return Health(ok=False, says=said(gettext_noop("The SMS centre can't be used: %(why)s"), why=why.reason))

    def settings(self) -> list[Setting]:
        options = self.options
        return [
            Setting("LASTMILE_SMPP_HOST", f"{options.host}:{options.port}" if options.host else ""),
            Setting("LASTMILE_SMPP_SYSTEM_ID", options.system_id),
            Setting("LASTMILE_SMPP_PASSWORD", options.password, secret=True),
            Setting("LASTMILE_SMPP_SOURCE", options.source),
            Setting(_("encrypted by TLS"), _("yes") if options.tls else _("no")),
            Setting(_("connections × messages under way on each"), f"{options.binds} × {options.window}"),
            Setting(_("parts a second"), str(options.per_second or "–")),
            Setting("LASTMILE_SMPP_LONG", options.long),
        ]

    def problems(self) -> list[str]:
        if self.wrong:
            return [_("The settings of the SMS centre are wrong: %(why)s.") % {"why": self.wrong}]
        return problems(self.options)


def made() -> SmppChannel:
    """The installation's own account."""
    try:
        return SmppChannel(from_settings())
    except BadShape as error:
        return SmppChannel(Options(), wrong=str(error))
