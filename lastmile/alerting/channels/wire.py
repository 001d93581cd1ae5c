"""What the files of gateways' vendors have in common: where a value lies in JSON, how a number is written, how we sign.

The defaults speak our own protocols, which the phone network that ships (`lastmile phones`) also speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.shapes import BadShape

Json = dict[str, Any]
NUMBERS = ("e164", "digits", "national")


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
class Callbacks:
    """Headers in which the vendor's calls carry their time (seconds since 1970) and HMAC-SHA-256 of "time.body"."""

    timestamp: str = signing.TIMESTAMP
    signature: str = signing.SIGNATURE


def check_number(form: str) -> None:
    """Raises BadShape for a form of numbers that is none."""
    if form not in NUMBERS:
        raise BadShape("request.number must be e164, digits or national")


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


def clean(text: str) -> str:
    """What every gateway can encode: a lone half of a surrogate pair would break the whole batch."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def encoded(data: Any) -> bytes:
    """JSON that every gateway can read, whatever texts and addresses are in it."""
    try:
        return orjson.dumps(data)
    except TypeError:  # half a character somewhere, which is rare: looking for it each time would cost a third
        return orjson.dumps(_cleaned(data))


def _cleaned(data: Any) -> Any:
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, dict):
        return {_cleaned(name): _cleaned(value) for name, value in data.items()}
    return [_cleaned(value) for value in data] if isinstance(data, (list, tuple)) else data


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
