"""What is different from one voice gateway to the next, as data: a JSON file, no code (docs/channels/voice.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lastmile.alerting.channels.shapes import BadShape, fill, load
from lastmile.alerting.channels.wire import Auth, Callbacks, Json, Response, check_number

SECONDS_A_CALL = 40  # ringing, listening, a key: what the pace of residents' calls is reckoned with


@dataclass(frozen=True)
class Request:
    """The names in what we post; a name that is "" is left out. `calls` "" posts one call alone, not in a list."""

    calls: str = "calls"  # a path: "data.list" makes {"data": {"list": […]}}
    key: str = "key"
    to: str = "to"
    text: str = "text"
    audio: str = "audio"
    language: str = "language"
    repeats: str = "repeats"
    keys: str = "keys"
    lines: str = "lines"  # beside the calls: how many may ring at the same time
    callback: str = "callback"  # beside the calls: where the reports are to go
    number: str = "e164"  # e164 (+8613…), digits (8613…) or national (13…)
    extra: Json = field(default_factory=dict)
    each: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """Where we ask what became of calls: `url` is added to the gateway's address unless it is one itself.

    The answer is read as a report is; `unknown` are the words for a key that the gateway has never seen.
    """

    url: str = "/status"
    keys: str = "keys"
    items: str = "results"
    unknown: tuple[str, ...] = ("unknown",)
    waiting: tuple[str, ...] = ("queued",)


@dataclass(frozen=True)
class Reports:
    """What the vendor calls back with, as it comes to /gateway/voice/reports. Each word of ours has the vendor's own.

    `digit` and `heard` may stand in any report, as with vendors that send a single one when the call has ended.
    """

    items: str = "reports"
    key: str = "key"
    status: str = "status"
    at: str = "at"  # ISO 8601, or seconds or milliseconds since 1970
    reason: str = "reason"
    digit: str = "digit"
    heard: str = "heard"  # true: the whole message was played to the end
    ringing: tuple[str, ...] = ("ringing",)
    answered: tuple[str, ...] = ("answered",)
    whole: tuple[str, ...] = ("heard",)
    pressed: tuple[str, ...] = ("key",)
    hung_up: tuple[str, ...] = ("hung_up",)
    busy: tuple[str, ...] = ("busy",)
    no_answer: tuple[str, ...] = ("no_answer",)
    invalid: tuple[str, ...] = ("invalid",)
    failed: tuple[str, ...] = ("failed",)
    keys_after_end: bool = False  # the vendor takes keys only after the whole message: a key says that it was heard


@dataclass(frozen=True)
class Vendor:
    """One vendor. `honours_keys` says that a key it has seen rings nobody twice; ask for it in the contract."""

    request: Request = Request()
    auth: Auth = field(default_factory=Auth)
    response: Response = field(default_factory=Response)
    status: Status = Status()
    reports: Reports = Reports()
    callbacks: Callbacks = field(default_factory=Callbacks)
    honours_keys: bool = True
    lines: int = 60
    batch: int = 20
    in_flight: int = 4
    per_second: int = 0  # calls begun in a second in each worker; 0: as many as the lines finish
    timeout: float = 10.0

    @property
    def pace(self) -> int:
        return self.per_second or max(1, self.lines // SECONDS_A_CALL)


def read(path: str) -> Vendor:
    """The vendor of a JSON file; our own protocol without a path. Raises BadShape."""
    return parse(load(path)) if path else Vendor()


def parse(data: Any) -> Vendor:
    """The vendor that plain data describes; what it leaves out stays as in our own protocol. Raises BadShape."""
    vendor = fill(Vendor, data)
    check_number(vendor.request.number)
    if min(vendor.lines, vendor.batch, vendor.in_flight) < 1 or vendor.timeout <= 0 or vendor.per_second < 0:
        raise BadShape("lines, batch, in_flight and timeout must be above 0")
    if not (vendor.request.calls and vendor.response.results) and vendor.batch != 1:
        raise BadShape("batch must be 1 where request.calls or response.results is empty: one call in each request")
    return vendor
