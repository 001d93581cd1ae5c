"""What a voice gateway reports: ringing, answered, heard, a key, how the call ended. Verified first, then read.

The door calls `reports(body, headers)`, which raises inbound.BadSignature or BadBody. The same reading serves the
answers to our own questions (transport.ask). An entry that can't be read is left out, and so is a word that the
vendor's file does not explain: neither may hold up the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from lastmile.alerting.channels import inbound
from lastmile.alerting.channels.voice.vendor import Reports, Vendor, read
from lastmile.kernel import clock

PAGE = "docs/channels/voice.md"
ENDS = ("hung_up", "busy", "no_answer", "invalid", "failed")
DIGITS = "0123456789"


class Report(NamedTuple):
    """One thing known about one call: `what` is ringing, answered, heard, key (with `digit`) or one of ENDS."""

    key: str
    what: str
    at: datetime
    digit: str = ""
    reason: str = ""


class Gateway(NamedTuple):
    """Whose calls these are: the installation's gateway, or that of a place's account."""

    secret: str
    vendor: Vendor


def reports(body: bytes, headers: Mapping[str, str], gateway: Gateway | None = None) -> list[Report]:
    secret, vendor = gateway or current()
    inbound.verify(body, headers, secret, vendor.callbacks)
    return read_all(inbound.entries(body, vendor.reports.items, PAGE), vendor.reports)


def read_all(items: Iterable[dict[str, Any]], names: Reports) -> list[Report]:
    """What entries of the vendor's say, in our words; one entry may say several things."""
    words, now = _words(names), clock.now()
    return [report for item in items for report in _read(item, names, words, now)]


def _words(names: Reports) -> dict[str, str]:
    ours = {"ringing": names.ringing, "answered": names.answered, "heard": names.whole, "key": names.pressed}
    ours |= {end: getattr(names, end) for end in ENDS}
    return {word: what for what, words in ours.items() for word in words}


def _read(item: dict[str, Any], names: Reports, words: Mapping[str, str], now: datetime) -> Iterable[Report]:
    key, what = item.get(names.key), words.get(str(item.get(names.status)))
    if not what or not isinstance(key, str | int):
        return
    at = inbound.moment(item.get(names.at), now)
    digits = [digit for digit in str(item.get(names.digit) or "")[:20] if digit in DIGITS]
    heard = what == "heard" or item.get(names.heard) is True or (bool(digits) and names.keys_after_end)
    key = str(key)[:80]
    if heard:
        yield Report(key, "heard", at)
    for digit in dict.fromkeys(digits):
        yield Report(key, "key", at, digit)
    if what not in ("heard", "key"):
        yield Report(key, what, at, reason=str(item.get(names.reason) or "")[:200])


def current() -> Gateway:
    """The gateway of the settings. Raises shapes.BadShape, which the channel page and the system check show."""
    return Gateway(settings.VOICE_GATEWAY_SECRET, _vendor(settings.VOICE_GATEWAY_VENDOR))


@lru_cache(maxsize=2)
def _vendor(path: str) -> Vendor:
    return read(path)
