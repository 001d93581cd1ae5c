"""What a warning's channels mean before it goes out: people on each, what that costs, and how long it takes.

People by the same statement that writes the ledger; prices and gateways by the account that each place would use;
speed as the far side declares it, else as it was lately. What nobody knows is said to be unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.alerting import desk, policy, senders, texts
from lastmile.alerting.accounts import costs
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Capabilities
from lastmile.alerting.channels.parts import parts as count_parts
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.models import Alert, ChannelAccount
from lastmile.alerting.target import Estimate

RINGING = 15.0  # seconds of a call before and after the text
Spread = Sequence[tuple[str, str, int]]  # village, channel, people


@dataclass(frozen=True)
class Way:
    """One channel by one account. `seconds` is None where nobody knows how fast the far side is."""

    channel: str
    label: str
    account: str  # "" for the installation's own settings
    people: int
    parts: int
    price: Decimal
    yuan: Decimal
    seconds: float | None

    @property
    def lasts(self) -> str:
        return lasts(self.seconds)


@dataclass(frozen=True)
class Plan:
    ways: tuple[Way, ...]
    everybody: tuple[str, ...]  # labels of channels that tell nobody in person
    frail: str = ""  # label of the channel on which the vulnerable are told first
    rule: tuple[str, ...] = ()  # labels as the rule of now has them, where the warning differs from it

    @property
    def yuan(self) -> Decimal:
        return sum((way.yuan for way in self.ways), Decimal(0))

    @property
    def seconds(self) -> float | None:
        """Until the last one is handed over; None where that is not known of some channel."""
        known = [way.seconds for way in self.ways if way.seconds is not None]
        return max(known, default=0.0) if len(known) == len(self.ways) else None

    @property
    def lasts(self) -> str:
        return lasts(self.seconds)


def lasts(seconds: float | None) -> str:
    """A span in words that promise no more than is known."""
    if seconds is None:
        return _("not known")
    if seconds < 60:
        return _("under a minute")
    minutes = round(seconds / 60)
    if minutes < 120:
        return _("about %(n)d min") % {"n": minutes}
    return _("about %(n)d h") % {"n": round(minutes / 60)}


def plan(alert: Alert, estimate: Estimate) -> Plan:
    accounts = list(ChannelAccount.objects.filter(enabled=True, channel__in=alert.channels).select_related("place"))
    people: Counter[tuple[str, int]] = Counter()
    for village, channel, count in estimate.spread:
        people[channel, _account(accounts, village, channel)] += count
    known = {account.pk: account for account in accounts}
    lately = {one.channel.name: one.per_second for one in desk.standings()}
    said = texts.render(alert)["zh"]
    order = [key for name in alert.channels for key in sorted(people) if key[0] == name]
    ways = tuple(_way(key, people[key], known.get(key[1]), said, lately) for key in order)
    alone = [name for name in alert.channels if name in registry.in_service() and name not in registry.addressed()]
    rule, words = policy.choose(alert.place_id, alert.hazard, alert.colour), registry.labels()
    differs = rule.channels if list(rule.channels) != list(alert.channels) else ()
    return Plan(
        ways,
        tuple(words[name] for name in alone),
        frail=words[rule.frail] if rule.frail in alert.channels else "",
        rule=tuple(words[name] for name in differs),
    )


def _account(accounts: Sequence[ChannelAccount], place: str, channel: str) -> int:
    """The nearest one up the tree; 0 for the settings of the installation."""
    near = [one for one in accounts if one.channel == channel and place.startswith(one.place_id)]
    return max(near, key=lambda one: len(one.place_id)).pk if near else 0


def _way(
    key: tuple[str, int], people: int, account: ChannelAccount | None, said: Mapping[str, Any], lately: dict[str, float]
) -> Way:
    name, _number = key
    can = _capabilities(name, account)
    parts = count_parts(texts.preview(said["sms"])).number if can.contact == "phone" and not can.lines else 1
    price = account.price if account else costs.own_price(name)
    each = 1 if account and account.per == ChannelAccount.Per.MESSAGE else parts
    return Way(
        channel=name,
        label=registry.channel(name).label,
        account=account.name if account else "",
        people=people,
        parts=parts,
        price=price,
        yuan=price * each * people,
        seconds=_seconds(can, people, parts, texts.seconds(said["voice"]), lately.get(name) or 0.0),
    )


def _capabilities(name: str, account: ChannelAccount | None) -> Capabilities:
    """Of the account's far side; of the installation's where the account can't be opened."""
    if account is None:
        return registry.capabilities(name)
    try:
        return senders.make(account.kind, senders.opened(account), account.pk).can
    except BadShape:
        return registry.capabilities(name)


def _seconds(can: Capabilities, people: int, parts: int, spoken: float, lately: float) -> float | None:
    if can.lines:
        return people / can.lines * (spoken * settings.VOICE_REPEATS + RINGING)
    if can.per_second:
        return people * parts / can.per_second
    return people / lately if lately else None
