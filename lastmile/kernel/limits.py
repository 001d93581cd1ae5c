"""How often one key may do one thing: a counter a minute, in PostgreSQL.

In the database rather than in memory because web processes are many and come and go: a guesser must not get a fresh
allowance from each of them. The table is UNLOGGED: one small upsert without WAL, and after a crash it may start empty.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from lastmile.kernel import clock, requestinfo
from lastmile.kernel.errors import Refusal

View = TypeVar("View", bound=Callable[..., Any])

_TAKE = """
INSERT INTO kernel_ratelimit AS kept (key, minute, used) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET minute = excluded.minute,
    used = CASE WHEN kept.minute = excluded.minute THEN kept.used + 1 ELSE 1 END
RETURNING used
"""
_swept = 0  # the minute in which this process last removed what is past


class TooOften(Refusal):
    """The allowance of this minute is used up."""

    status = 429


def take(key: str, per_minute: int) -> None:
    """Count one use of `key`. Raises TooOften once it has been used `per_minute` times in this minute."""
    minute = int(clock.now().timestamp()) // 60
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [key[:200], minute])
        used = cursor.fetchone()[0]
    _sweep(minute)
    if used > per_minute:
        raise TooOften(_("That was too often in a short time."), _("Wait a minute, then try again."))


def _sweep(minute: int) -> None:
    global _swept
    if minute != _swept:
        _swept = minute
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM kernel_ratelimit WHERE minute < %s", [minute - 1])


def caller() -> str:
    """The requesting address; for IPv6 its /64, which one household or office holds as a whole."""
    address = requestinfo.address() or "local"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def limited(key: str, per_minute: int) -> Callable[[View], View]:
    """Refuse a view (429, in words) to an address that asks for it more than `per_minute` times a minute."""

    def wrap(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            take(f"{key}:{caller()}", per_minute)
            return cast("HttpResponse", view(request, *args, **kwargs))

        return cast("View", counted)

    return wrap
