"""What a gateway calls back with: delivery reports and people's replies. Verified first, then read, never trusted.

The door calls `reports(body, headers)` and `replies(body, headers)`. Both raise inbound.BadSignature or BadBody
(Refusals with their 4xx codes). An entry that can't be read is left out, so that it does not hold up the others; what
a status means is in the vendor's file, and one that is neither delivered nor failed ("buffered") says nothing yet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from lastmile.alerting.channels import inbound
from lastmile.alerting.channels.sms.vendor import Vendor, read
from lastmile.alerting.channels.wire import e164
from lastmile.kernel import clock

PAGE = "docs/channels/sms.md"
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
    inbound.verify(body, headers, settings.SMS_GATEWAY_SECRET, vendor.callbacks)
    names, now = vendor.reports, clock.now()
    words = dict.fromkeys(names.permanent, "failed") | dict.fromkeys(names.failed, "failed")
    words |= dict.fromkeys(names.delivered, "delivered")
    found = []
    for item in inbound.entries(body, names.items, PAGE):
        key, status = item.get(names.key), words.get(str(item.get(names.status)))
        if status and isinstance(key, str | int):
            event, person = inbound.whose(str(key))
            reason = str(item.get(names.reason) or "")[:200]
            at = inbound.moment(item.get(names.at), now)
            dead = status == "failed" and not {str(item.get(names.kind)), str(item.get(names.status))}.isdisjoint(
                names.permanent
            )
            found.append(Report(str(key)[:80], event, person, status, at, reason, dead))
    return found


def replies(body: bytes, headers: Mapping[str, str]) -> list[Reply]:
    vendor = current()
    inbound.verify(body, headers, settings.SMS_GATEWAY_SECRET, vendor.callbacks)
    names, now = vendor.replies, clock.now()
    found = []
    for item in inbound.entries(body, names.items, PAGE):
        phone, text = e164(str(item.get(names.phone) or "")), str(item.get(names.text) or "")[:200]
        if phone:
            own = str(item.get(names.key) or f"{phone} {item.get(names.at)} {text}")[:60]
            found.append(Reply(own, phone, digits(text), text, inbound.moment(item.get(names.at), now)))
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
