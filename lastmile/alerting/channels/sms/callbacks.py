"""What a gateway calls back with: delivery reports and people's replies. Verified first, then read, never trusted.

The door calls `reports(body, headers)` and `replies(body, headers)`. Both raise inbound.BadSignature or BadBody
(Refusals with their 4xx codes). An entry that can't be read is left out, so that it does not hold up the others; what
a status means is in the vendor's file, and one that is neither delivered nor failed ("buffered") says nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from lastmile.alerting.channels import inbound
from lastmile.alerting.channels.inbound import Reply, Report, digits
from lastmile.alerting.channels.sms.vendor import Vendor, read
from lastmile.alerting.channels.wire import e164
from lastmile.kernel import clock

__all__ = ["Gateway", "Reply", "Report", "digits", "replies", "reports"]

PAGE = "docs/channels/sms.md"


class Gateway(NamedTuple):
    """Whose calls these are: the installation's gateway, or that of a place's account."""

    secret: str
    vendor: Vendor


def reports(body: bytes, headers: Mapping[str, str], gateway: Gateway | None = None) -> list[Report]:
    secret, vendor = gateway or current()
    inbound.verify(body, headers, secret, vendor.callbacks)
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


def replies(body: bytes, headers: Mapping[str, str], gateway: Gateway | None = None) -> list[Reply]:
    secret, vendor = gateway or current()
    inbound.verify(body, headers, secret, vendor.callbacks)
    names, now = vendor.replies, clock.now()
    found = []
    for item in inbound.entries(body, names.items, PAGE):
        phone, text = e164(str(item.get(names.phone) or "")), str(item.get(names.text) or "")[:200]
        if phone:
            own = str(item.get(names.key) or f"{phone} {item.get(names.at)} {text}")[:60]
            found.append(Reply(own, phone, digits(text), text, inbound.moment(item.get(names.at), now)))
    return found


def current() -> Gateway:
    """The gateway of the settings. Raises shapes.BadShape, which the channel page and the system check show."""
    return Gateway(settings.SMS_GATEWAY_SECRET, _vendor(settings.SMS_GATEWAY_VENDOR))


@lru_cache(maxsize=2)
def _vendor(path: str) -> Vendor:
    return read(path)
