"""What every gateway's calls back have in common: verified first, then read, never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.channels.post import items
from lastmile.alerting.channels.wire import Callbacks
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

LIMIT = 5_000_000  # bytes of one call


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
