"""What is different from one SMS vendor to the next, as data: a JSON file, no code (docs/channels/sms.md).

The defaults speak our own batch protocol, which the phone network that ships (`lastmile phones`) also speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lastmile.alerting.channels.shapes import BadShape, fill, load
from lastmile.alerting.channels.wire import Auth, Callbacks, Json, Response, check_number


@dataclass(frozen=True)
class Request:
    """The names in what we post. `extra` is laid beside the list of messages, `each` beside every message."""

    messages: str = "messages"  # a path: "data.list" makes {"data": {"list": […]}}
    key: str = "key"
    to: str = "to"
    text: str = "text"
    number: str = "e164"  # e164 (+8613…), digits (8613…) or national (13…)
    extra: Json = field(default_factory=dict)
    each: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Reports:
    """The vendor's delivery reports, as they come to /gateway/sms/reports."""

    items: str = "reports"
    key: str = "key"
    status: str = "status"
    at: str = "at"  # ISO 8601, or seconds or milliseconds since 1970
    reason: str = "reason"
    delivered: tuple[str, ...] = ("delivered",)
    failed: tuple[str, ...] = ("failed",)
    permanent: tuple[str, ...] = ("permanent",)  # words of `kind`, or of `status`: the number does not exist
    kind: str = "class"  # where the vendor says why a message failed: permanent or temporary, or a code


@dataclass(frozen=True)
class Replies:
    """What people answered by SMS, as it comes to /gateway/sms/replies."""

    items: str = "replies"
    key: str = "key"
    phone: str = "from"
    text: str = "text"
    at: str = "at"


@dataclass(frozen=True)
class Vendor:
    """One vendor. `honours_keys` says that a key it has seen is not sent twice; ask for it in the contract."""

    request: Request = Request()
    auth: Auth = field(default_factory=Auth)
    response: Response = field(default_factory=Response)
    reports: Reports = Reports()
    replies: Replies = Replies()
    callbacks: Callbacks = field(default_factory=Callbacks)
    honours_keys: bool = True
    batch: int = 500
    in_flight: int = 8
    per_second: int = 0
    timeout: float = 10.0


def read(path: str) -> Vendor:
    """The vendor of a JSON file; our own protocol without a path. Raises BadShape."""
    return parse(load(path)) if path else Vendor()


def parse(data: Any) -> Vendor:
    """The vendor that plain data describes; what it leaves out stays as in our own protocol. Raises BadShape."""
    vendor = fill(Vendor, data)
    check_number(vendor.request.number)
    if vendor.batch < 1 or vendor.in_flight < 1 or vendor.timeout <= 0:
        raise BadShape("batch, in_flight and timeout must be above 0")
    return vendor
