"""How the invented phones, people and gateway behave: plain data, from a dict or a JSON file (docs/channels/fake.md).

Shares are between 0 and 1. A time is [median seconds, spread]: half of all cases are below the median; with spread 1
one in twenty takes five times as long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lastmile.alerting.channels.shapes import BadShape, fill, load

ANSWERS = ("ignore", "read", "confirm", "safe", "moved", "needs_help", "refuse")
FAULTS = ("timeout", "error_before", "error_after", "half", "drop", "busy", "slow")
Time = tuple[float, float]


@dataclass(frozen=True)
class Devices:
    refused: float = 0.01  # numbers that the gateway does not take: landlines, no longer in use
    gone: float = 0.0  # numbers that the gateway takes, and the carrier then reports as not in use
    off: float = 0.03  # phones that are off: accepted, then reported as not delivered
    latency: Time = (2.5, 0.8)  # from the gateway to the phone
    given_up: float = 120.0  # seconds until a phone that is off is reported
    busy: float = 0.0  # telephones that are engaged when a call comes
    reports: bool = True


@dataclass(frozen=True)
class People:
    """Shares of what people do with a warning; what is missing to 1 is ignored."""

    answers: dict[str, float] = field(
        default_factory=lambda: {
            "read": 0.08,
            "confirm": 0.46,
            "safe": 0.14,
            "moved": 0.12,
            "needs_help": 0.015,
            "refuse": 0.01,
        }
    )
    by_sms: float = 0.25  # share of the answers that come as an SMS digit instead of a tap on the link
    delay: Time = (75.0, 1.1)
    late: float = 0.05  # share of answers that come an hour or more late


@dataclass(frozen=True)
class Outage:
    """Phones of a prefix (a number's or a place's) that are cut off; what was sent meanwhile arrives afterwards."""

    phones: str = ""
    places: str = ""
    start: float = 0.0  # seconds after the first message
    end: float = 3600.0


@dataclass(frozen=True)
class Named:
    """One phone that does as it is told."""

    answer: str = ""
    after: float = 30.0
    by_sms: bool = False
    off: bool = False
    refused: bool = False
    gone: bool = False
    busy: bool = False  # on the telephone


@dataclass(frozen=True)
class Gateway:
    honours_keys: bool = True
    latency: float = 0.02  # seconds to answer a batch
    faults: dict[str, float] = field(default_factory=dict)  # share of requests that meet each of FAULTS
    hang: float = 30.0  # seconds that a "timeout" or "slow" takes
    repeat: int = 1  # times each report and reply is called back
    shuffle: bool = False  # call back out of order


@dataclass(frozen=True)
class Script:
    devices: Devices = Devices()
    people: People = People()
    gateway: Gateway = Gateway()
    outages: tuple[Outage, ...] = ()
    named: dict[str, Named] = field(default_factory=dict)


CALM = Script(Devices(refused=0, gone=0, off=0, latency=(0, 0)), People(answers={}), Gateway(latency=0))


def parse(data: Any) -> Script:
    """The script that plain data describes; what it leaves out behaves as by default. Raises BadShape."""
    script = fill(Script, data)
    _known("people.answers", script.people.answers, ANSWERS)
    _known("gateway.faults", script.gateway.faults, FAULTS)
    for number, person in script.named.items():
        if person.answer not in ("", *ANSWERS):
            raise BadShape(f"named.{number}.answer must be one of {', '.join(ANSWERS)}")
    shares = {"devices.refused": script.devices.refused, "devices.off": script.devices.off}
    shares |= {"devices.gone": script.devices.gone, "devices.busy": script.devices.busy}
    shares |= {"people.by_sms": script.people.by_sms, "people.late": script.people.late}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise BadShape(f"{name} must be between 0 and 1")
    return script


def read(path: str) -> Script:
    return parse(load(path)) if path else Script()


def _known(where: str, shares: dict[str, float], names: tuple[str, ...]) -> None:
    unknown = sorted(set(shares) - set(names))
    if unknown:
        raise BadShape(f"{where}.{unknown[0]} is not known; known are {', '.join(names)}")
    if any(share < 0 for share in shares.values()) or sum(shares.values()) > 1.000001:
        raise BadShape(f"{where}: shares must not be below 0 nor above 1 together")
