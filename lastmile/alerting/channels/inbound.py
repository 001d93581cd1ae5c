"""What every gateway's news has in common: reports and replies as we keep them, calls that are verified first.

Verified first, then read, never trusted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.channels.post import items
from lastmile.alerting.channels.wire import Callbacks
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


class BadSignature(Refusal):
    """The call does not prove that it comes from our gateway."""

    status = 401


class BadBody(Refusal):
    """The call comes from our gateway and can't be read."""

    status = 400


def verify(body: bytes, headers: Mapping[str, str], secret: str, callbacks: Callbacks) -> None:
    """Return if the call is small enough and signed by our gateway. Raises BadBody or BadSignature."""
    if len(body) > LIMIT:
        raise BadBody(
            _("The call is larger than %(limit)d MB.") % {"limit": LIMIT // 1_000_000},
            _("Send fewer entries in one call."),
            status=413,
        )
    names = (callbacks.timestamp, callbacks.signature)
    try:
        signing.verify(secret, body, headers, now=clock.now().timestamp(), names=names)
    except signing.Unsigned as error:
        says = {
            "missing": _("The call carries no signature."),
            "old": _("The call was signed more than five minutes ago, or the two clocks differ."),
            "wrong": _("The signature of the call is wrong."),
        }
        raise BadSignature(
            says[str(error)], _("Sign time and body with the secret that both sides hold, and set the clocks.")
        ) from error


def entries(body: bytes, path: str, page: str) -> list[dict[str, Any]]:
    """The objects of the list at a path; `page` is the document that shows the form. Raises BadBody."""
    found = items(body, path)
    if found is None:
        raise BadBody(
            _("The call can't be read: there is no list “%(name)s” in it.") % {"name": path},
            _("Send JSON as %(page)s shows it, or describe the vendor's words in its file.") % {"page": page},
        )
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


def whose(key: str) -> tuple[int | None, int | None]:
    """(event, person) of a key that we made; two None for another one."""
    try:
        made = read_key(key)
    except ValueError:
        return None, None
    return made.event, made.person


def moment(value: Any, now: datetime) -> datetime:
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
