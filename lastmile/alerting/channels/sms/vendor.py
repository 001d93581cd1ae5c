"""What is different from one SMS vendor to the next, as data: a JSON file, no code (docs/channels/sms.md).

The defaults speak our own batch protocol, which the phone network that ships (`lastmile phones`) also speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.shapes import BadShape, fill, load

Json = dict[str, Any]


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
class Auth:
    """How we prove who we are: `signature` sends our two headers; `header` and `value` others ("Bearer {secret}")."""

    signature: bool = True
    header: str = ""
    value: str = ""


@dataclass(frozen=True)
class Response:
    """Where the answer for each message lies, and which of the vendor's words mean what."""

    results: str = "results"  # a path
    key: str = "key"
    status: str = "status"
    reason: str = "reason"
    after: str = "retry_after"
    accepted: tuple[str, ...] = ("accepted",)
    refused: tuple[str, ...] = ("refused",)
    retry: tuple[str, ...] = ("retry",)


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
class Callbacks:
    """Headers in which the vendor's calls carry their time (seconds since 1970) and HMAC-SHA-256 of "time.body"."""

    timestamp: str = signing.TIMESTAMP
    signature: str = signing.SIGNATURE


@dataclass(frozen=True)
class Vendor:
    """One vendor. `honours_keys` says that a key it has seen is not sent twice; ask for it in the contract."""

    request: Request = Request()
    auth: Auth = Auth()
    response: Response = Response()
    reports: Reports = Reports()
    replies: Replies = Replies()
    callbacks: Callbacks = Callbacks()
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
    if vendor.request.number not in ("e164", "digits", "national"):
        raise BadShape("request.number must be e164, digits or national")
    if vendor.batch < 1 or vendor.in_flight < 1 or vendor.timeout <= 0:
        raise BadShape("batch, in_flight and timeout must be above 0")
    return vendor


def dig(data: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for name in path.split("."):
        if not isinstance(data, dict):
            return None
        data = data.get(name)
    return data


def wrap(path: str, value: Any, extra: Json) -> Json:
    """{"data": {"list": value}, **extra} for the path "data.list"."""
    *outer, last = path.split(".")
    body: Json = dict(extra)
    inner = body
    for name in outer:
        inner[name] = dict(inner.get(name) or {})
        inner = inner[name]
    inner[last] = value
    return body


def number(form: str, phone: str) -> str:
    """A phone in E.164 as the vendor wants it."""
    if form == "e164":
        return phone
    digits = phone.removeprefix("+")
    return digits.removeprefix("86") if form == "national" else digits


def e164(phone: str) -> str:
    """A phone as a vendor writes it (13…, 8613…, 008613…, +8613…) in E.164; "" when it is none."""
    digits = "".join(char for char in phone if char.isascii() and char.isdigit())
    if not phone.strip().startswith("+"):
        if digits.startswith("00"):
            digits = digits[2:]
        elif len(digits) == 11 and digits.startswith("1"):
            digits = "86" + digits
    return "+" + digits if 7 <= len(digits) <= 15 else ""
