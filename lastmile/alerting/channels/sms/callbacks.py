"""What a gateway calls back with: delivery reports and people's replies. Verified first, then read, never trusted.

The door calls `reports(body, headers)` and `replies(body, headers)`. Both raise BadSignature or BadBody (a Refusal
with its 4xx code). An entry that can't be read is left out, so that it does not hold up the others; what a status
means is in the vendor's file, and a status that is neither delivered nor failed ("buffered") says nothing yet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.channels.sms.vendor import Vendor, dig, e164, read
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

LIMIT = 5_000_000  # bytes of one call
DIGIT = re.compile(r"[\s\[(【「*#]*([1-9])(?:\s*$|[\s.,:;!、。，!)\]】」#]|收到|已|需|联|转|我)")
WORDS = {
    "收到": "1",
    "已收到": "1",
    "已转移": "2",
    "转移了": "2",
    "已安全": "2",
    "需要帮助": "3",
    "救命": "3",
    "求助": "3",
}


class BadSignature(Refusal):
    """The call does not prove that it comes from our gateway."""

    status = 401


class BadBody(Refusal):
    """The call comes from our gateway and can't be read."""

    status = 400


class Report(NamedTuple):
    """`event` and `person` are read from the key; both None when the key is not one of ours."""

    key: str
    event: int | None
    person: int | None
    status: str  # delivered | failed
    at: datetime
    reason: str = ""
    permanent: bool = False  # failed, and the vendor says that the number does not exist


class Reply(NamedTuple):
    """`digits` is "1" to "9", also for the plain words people type instead; "" when the text is something else."""

    key: str  # the gateway's own number of the reply, or one made of phone, time and text: the same call, the same key
    phone: str  # E.164
    digits: str
    text: str
    at: datetime


def reports(body: bytes, headers: Mapping[str, str]) -> list[Report]:
    vendor = current()
    _verify(body, headers, vendor)
    names, now = vendor.reports, clock.now()
    words = dict.fromkeys(names.permanent, "failed") | dict.fromkeys(names.failed, "failed")
    words |= dict.fromkeys(names.delivered, "delivered")
    found = []
    for item in _items(body, names.items):
        key, status = item.get(names.key), words.get(str(item.get(names.status)))
        if status and isinstance(key, str | int):
            event, person = _whose(str(key))
            reason = str(item.get(names.reason) or "")[:200]
            at = _moment(item.get(names.at), now)
            dead = status == "failed" and not {str(item.get(names.kind)), str(item.get(names.status))}.isdisjoint(
                names.permanent
            )
            found.append(Report(str(key)[:80], event, person, status, at, reason, dead))
    return found


def replies(body: bytes, headers: Mapping[str, str]) -> list[Reply]:
    vendor = current()
    _verify(body, headers, vendor)
    names, now = vendor.replies, clock.now()
    found = []
    for item in _items(body, names.items):
        phone, text = e164(str(item.get(names.phone) or "")), str(item.get(names.text) or "")[:200]
        if phone:
            own = str(item.get(names.key) or f"{phone} {item.get(names.at)} {text}")[:60]
            found.append(Reply(own, phone, digits(text), text, _moment(item.get(names.at), now)))
    return found


def digits(text: str) -> str:
    """The digit a person means by an answer.

    >>> digits("1"), digits("３ 需要帮助"), digits("收到。"), digits("13楼进水了")
    ('1', '3', '1', '')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = DIGIT.match(plain)
    if found:
        return found.group(1)
    return WORDS.get(plain.rstrip(" .!,。~"), "")


def current() -> Vendor:
    """The vendor whose file is set. Raises shapes.BadShape, which the channel page and the system check show."""
    return _vendor(settings.SMS_GATEWAY_VENDOR)


@lru_cache(maxsize=2)
def _vendor(path: str) -> Vendor:
    return read(path)


def _verify(body: bytes, headers: Mapping[str, str], vendor: Vendor) -> None:
    if len(body) > LIMIT:
        raise BadBody(
            _("The call is larger than %(limit)d MB.") % {"limit": LIMIT // 1_000_000},
            _("Send fewer entries in one call."),
            status=413,
        )
    names = (vendor.callbacks.timestamp, vendor.callbacks.signature)
    now = clock.now().timestamp()
    try:
        signing.verify(settings.SMS_GATEWAY_SECRET, body, headers, now=now, names=names)
    except signing.Unsigned as error:
        says = {
            "missing": _("The call carries no signature."),
            "old": _("The call was signed more than five minutes ago, or the two clocks differ."),
            "wrong": _("The signature of the call is wrong."),
        }
        raise BadSignature(
            says[str(error)], _("Sign time and body with the secret that both sides hold, and set the clocks.")
        ) from error


def _items(body: bytes, path: str) -> list[dict[str, Any]]:
    try:
        items = dig(orjson.loads(body), path)
    except orjson.JSONDecodeError:
        items = None
    if not isinstance(items, list):
        raise BadBody(
            _("The call can't be read: there is no list “%(name)s” in it.") % {"name": path},
            _("Send JSON as docs/channels/sms.md shows it, or describe the vendor's words in its file."),
        )
    return [item for item in items if isinstance(item, dict)]


def _whose(key: str) -> tuple[int | None, int | None]:
    try:
        made = read_key(key)
    except ValueError:
        return None, None
    return made.event, made.person


def _moment(value: Any, now: datetime) -> datetime:
    """When it happened, never later than now: a gateway's clock may run ahead."""
    at: datetime | None = None
    try:
        if isinstance(value, str) and not value.isdigit():
            at = parse_datetime(value)
        elif value is not None:
            number = float(value)
            at = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        at = None
    if at is None:
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=clock.BEIJING), now)
