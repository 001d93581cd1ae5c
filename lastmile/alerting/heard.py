"""What a voice gateway reports, turned into facts: a call counts when the whole message was heard and a key pressed.

The two halves come in any order, in one call back or in several, any number of times. Each is a receipt of its own,
and the confirmation is appended by whoever finds both: the receipts are the memory, no other state is kept.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from asgiref.sync import async_to_sync
from django.db import transaction

from lastmile.alerting import senders
from lastmile.alerting.cascade import ringing
from lastmile.alerting.cascade.calling import WAVE
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Key, read_key
from lastmile.alerting.channels.voice import callbacks, vendor
from lastmile.alerting.channels.voice.callbacks import DIGITS, ENDS, Report
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.alerting.links import EVENTS
from lastmile.alerting.models import ChannelAccount, Fact, Receipt
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.kernel import locks

log = logging.getLogger(__name__)

CHANNEL = "voice"
LARGEST = 2**31  # keys of people in the database
KEYS = {
    "1": Fact.CONFIRMED,
    "2": Fact.MOVED,
    "3": Fact.NEEDS_HELP,
    "5": Fact.RELAYED,
    "6": Fact.TAKEN_OVER,
}
HELP = "3"  # counts at once: nobody who asks for help must listen to the end first
HEARD, ANSWERED, ENDED, PRESSED = "heard", "answered", "ended", "pressed"
PICKED_UP = ("answered", "heard", "key", "hung_up")
RESULTS = {"busy": "busy", "no_answer": "missed", "invalid": "invalid", "failed": "failed"}


class Ours(NamedTuple):
    report: Report
    key: Key


def take_reports(body: bytes, headers: Mapping[str, str], account: int = 0) -> int:
    """Append what one call back says; how many facts were new. Raises the Refusals of channels.inbound."""
    if not account:
        return take(callbacks.reports(body, headers))
    values = senders.called("voice", account)
    gateway = callbacks.Gateway(values["secret"], vendor.parse(values.get("vendor") or {}))
    return take(callbacks.reports(body, headers, gateway))


@transaction.atomic
def take(reports: Sequence[Report]) -> int:
    """Append what is new. One transaction at a time: two that hold a half each would otherwise see no whole."""
    ours = [one for report in reports if (one := _ours(report)) is not None]
    if not ours:
        return 0
    locks.wait("alerting.heard")
    new = append([receipt for one in ours for receipt in _facts(one)])
    parts = _known({one.report.key for one in ours})
    new += append([receipt for key, found in parts.items() for receipt in _answers(key, found)])
    ringing.take(list(_ends(ours, parts)))
    return new


def _ours(report: Report) -> Ours | None:
    try:
        key = read_key(report.key)
    except ValueError:
        return None
    known = key.channel == CHANNEL and 0 < key.event < EVENTS and 0 < key.person < LARGEST and 0 <= key.wave < 2 * WAVE
    return Ours(report, key) if known else None


def _facts(one: Ours) -> Iterable[NewReceipt]:
    """What a report proves by itself; half heard is delivered and no more."""
    report, key = one
    if report.what in PICKED_UP:
        yield _receipt(one, ANSWERED, Fact.DELIVERED)
    if report.what == "heard":
        yield _receipt(one, HEARD, Fact.READ)
    elif report.what == "key":
        yield _receipt(one, f"{PRESSED}{report.digit}", Fact.DELIVERED)
        if report.digit == HELP:
            yield _receipt(one, HELP, Fact.NEEDS_HELP)
    elif report.what == "hung_up":
        yield _receipt(one, ENDED, Fact.DELIVERED)
    elif report.what == "invalid":
        yield _receipt(one, "permanent", Fact.FAILED, report.reason)
    elif report.what in ENDS and key.wave < WAVE:  # the cascade rings again by itself
        yield _receipt(one, "failed", Fact.FAILED, report.reason or RESULTS[report.what])


def _receipt(one: Ours, suffix: str, fact: Fact, note: str = "") -> NewReceipt:
    report, key = one
    return NewReceipt(f"{report.key}:{suffix}", key.event, key.person, fact, CHANNEL, report.at, note=note)


def _known(keys: Iterable[str]) -> dict[str, dict[str, datetime]]:
    """For each call which of its parts are known, and since when."""
    suffixes = [HEARD, ENDED, *(f"{PRESSED}{digit}" for digit in DIGITS)]
    wanted = [f"{key}:{suffix}" for key in keys for suffix in suffixes]
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for text, at in Receipt.objects.filter(key__in=wanted).values_list("key", "happened_at"):
        key, _colon, suffix = text.partition(":")
        found[key][suffix] = at
    return found


def _answers(text: str, parts: Mapping[str, datetime]) -> Iterable[NewReceipt]:
    """What was answered, where both halves are there."""
    key = read_key(text)
    for digit, fact in KEYS.items():
        pressed = parts.get(f"{PRESSED}{digit}")
        if HEARD in parts and pressed is not None:
            at = max(parts[HEARD], pressed)
            yield NewReceipt(f"{text}:{digit}", key.event, key.person, fact, CHANNEL, at)


def _ends(ours: Sequence[Ours], parts: Mapping[str, Mapping[str, datetime]]) -> Iterable[ringing.Ended]:
    for one in ours:
        known = parts.get(one.report.key, {})
        if one.key.wave < WAVE:
            continue
        if one.report.what in RESULTS:
            yield ringing.Ended(one.report.key, RESULTS[one.report.what], one.report.at)
        elif ENDED in known:
            pressed = any(part.startswith(PRESSED) for part in known)
            result = "cut" if HEARD not in known else "heard" if pressed else "nokey"
            yield ringing.Ended(one.report.key, result, known[ENDED])


def ask() -> int:
    """The worker's duty: ask each gateway about its calls whose end it has not told. How many facts were new."""
    if CHANNEL not in registry.in_service():
        return 0
    return sum(_asked(account, keys) for account, keys in ringing.unreported(CHANNEL).items())


def _asked(account: int, keys: Sequence[str]) -> int:
    """One gateway that fails keeps no other from being asked."""
    try:
        channel = _gateway(account)
        return take(async_to_sync(_ask)(channel, keys)) if channel is not None else 0
    except Exception as error:  # whatever a far side does; the next round asks again
        log.warning("the gateway of account %s was not asked: %s", account, error)
        return 0


def _gateway(account: int) -> VoiceChannel | None:
    """By which a call has left, even when the account is switched off by now; None where it can't be asked."""
    found = ChannelAccount.objects.filter(pk=account).first() if account else None
    if account and found is None:
        return None
    channel = (
        registry.MAKERS[CHANNEL]() if found is None else senders.make(found.kind, senders.values_of(found), account)
    )
    return channel if isinstance(channel, VoiceChannel) else None


async def _ask(channel: VoiceChannel, keys: Sequence[str]) -> list[Report]:
    try:
        return await channel.ask(keys)
    finally:
        await channel.close()
