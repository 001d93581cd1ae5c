"""Fetching a feed from an address that somebody typed; what is asked at all, kernel.outward decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.intake import MOST_BYTES
from lastmile.kernel import outward

CODES: Final = {"scheme": "fetch_scheme", "private": "fetch_private"}


@dataclass(frozen=True)
class Answer:
    """`status` is 200 or 304; the other two are sent back next time, so that what hasn't changed need not travel."""

    status: int
    body: bytes = b""
    etag: str = ""
    modified: str = ""


def fetch(address: str) -> bytes:
    """The bytes at an address. Raises Refused, with the reason, for whatever goes wrong."""
    return asyncio.run(ask(address)).body


async def ask(address: str, headers: Mapping[str, str] | None = None) -> Answer:
    """What lies at an address; 304 only where `headers` ask for what has changed. Raises Refused."""
    try:
        got = await outward.ask("GET", address, headers=headers, most=MOST_BYTES, private=settings.FEED_PRIVATE)
    except outward.Unreachable as error:
        raise _refused(error) from None
    if got.status == 304 and headers:
        return Answer(304)
    if got.status != 200:
        raise Refused("fetch_status", address=address[:200], status=got.status)
    return Answer(200, got.body, got.headers.get("ETag", "")[:300], got.headers.get("Last-Modified", "")[:100])


def check(address: str) -> None:
    """For forms: whether the address can be meant at all. Raises Refused."""
    try:
        outward.check(address, private=settings.FEED_PRIVATE)
    except outward.Unreachable as error:
        raise _refused(error) from None


def _refused(error: outward.Unreachable) -> Refused:
    if error.why == "too_big":
        return Refused("fetch_big", address=error.address, most=MOST_BYTES)
    if error.why == "moved":
        return Refused("fetch_moved", address=error.address, most=outward.HOPS)
    if error.why in CODES:
        return Refused(CODES[error.why], address=error.address)
    return Refused("fetch_failed", address=error.address, why=error.more)
