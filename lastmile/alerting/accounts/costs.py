"""What messages of warnings cost in a month, by place, channel and account, at the prices the accounts have now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.alerting.channels import registry
from lastmile.alerting.models import ChannelAccount
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm
from lastmile.kernel.statements import Statements

fetch = Statements(Path(__file__).parent / "sql").fetch
CHAT = "chat"  # cards of chat groups, which cost nothing unless LASTMILE_PRICES says so
SHOWN = 12  # months to choose from


@dataclass(frozen=True)
class Cost:
    place: str
    place_name: str
    channel: str
    label: str
    account: int  # 0: the installation's own
    account_name: str
    warnings: int
    messages: int
    parts: int
    price: Decimal
    per: str

    @property
    def yuan(self) -> Decimal:
        return self.price * (self.messages if self.per == ChannelAccount.Per.MESSAGE else self.parts)


def month_of(text: str) -> date:
    """The first day of the month (2026-11; empty: the current one). Raises Refusal for what is none."""
    try:
        return date.fromisoformat(f"{text}-01") if text else clock.today().replace(day=1)
    except ValueError as error:
        raise Refusal(_("This is no month."), _("Write it like 2026-11.")) from error


def months() -> list[date]:
    found = [clock.today().replace(day=1)]
    while len(found) < SHOWN:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def of_month(actor: Actor, month: date) -> list[Cost]:
    """Of the actor's places."""
    scopes = actor.scopes(Perm.SYSTEM_CONFIGURE)
    after = (month + timedelta(days=32)).replace(day=1)
    values = {
        "channels": list(registry.MAKERS),
        "scopes": [f"{scope}%" for scope in scopes],
        "since": _midnight(month),
        "until": _midnight(after),
    }
    rows = fetch("costs", **values)
    accounts = ChannelAccount.objects.in_bulk({row[2] for row in rows if row[2]})
    names = dict(Place.objects.filter(pk__in={row[0] for row in rows}).values_list("code", "name"))
    return [_cost(row, accounts.get(row[2]), names) for row in rows]


def _cost(row: Sequence[object], account: ChannelAccount | None, names: dict[str, str]) -> Cost:
    county, channel, number, warnings, messages, parts = row
    own, groups = account is None, channel == CHAT
    return Cost(
        place=str(county),
        place_name=names.get(str(county), str(county)),
        channel=str(channel),
        label=_("Chat groups") if groups else registry.channel(str(channel)).label,
        account=int(str(number)),
        account_name=account.name
        if account is not None
        else _("robots of the groups")
        if groups
        else _("settings of the installation"),
        warnings=int(str(warnings)),
        messages=int(str(messages)),
        parts=int(str(parts)),
        price=own_price(str(channel)) if own or account is None else account.price,
        per=ChannelAccount.Per.PART if account is None else account.per,
    )


def own_price(channel: str) -> Decimal:
    """Of a part, as the settings say; 0 where they don't."""
    try:
        return Decimal(settings.PRICES.get(channel, "0"))
    except InvalidOperation:
        return Decimal(0)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.BEIJING)
