"""Fetching a feed from an address that somebody typed: only public addresses, little, and not for long."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.intake import MOST_BYTES

SECONDS: Final = 20
HOPS: Final = 4
MOVED: Final = (301, 302, 303, 307, 308)


def fetch(address: str) -> bytes:
    """The bytes at an address. Raises Refused, with the reason, for whatever goes wrong."""
    try:
        return asyncio.run(_fetch(address))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Refused("fetch_failed", address=address[:200], why=str(error) or type(error).__name__) from None


async def _fetch(address: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    connector = aiohttp.TCPConnector(resolver=_PublicOnly())
    async with asyncio.timeout(SECONDS), aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        for _hop in range(HOPS):
            _fit(address)
            async with session.get(address, allow_redirects=False, headers={"User-Agent": "lastmile"}) as answer:
                if answer.status in MOVED and (onward := answer.headers.get("Location")):
                    address = urljoin(address, onward)
                    continue
                if answer.status != 200:
                    raise Refused("fetch_status", address=address[:200], status=answer.status)
                return await _body(answer)
    raise Refused("fetch_moved", address=address[:200], most=HOPS)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(64 * 1024):
        size += len(part)
        if size > MOST_BYTES:
            raise Refused("too_big", size=size, most=MOST_BYTES)
        parts.append(part)
    return b"".join(parts)


def _fit(address: str) -> None:
    """http or https; a bare IP never reaches the resolver, so it is looked at here."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("fetch_scheme", address=address[:200])
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not allowed(str(literal)):
        raise Refused("fetch_private", address=address[:200])


def allowed(ip: str) -> bool:
    """Whether we may connect there: everywhere public, elsewhere only if the operator says so."""
    found = ipaddress.ip_address(ip)
    if isinstance(found, ipaddress.IPv6Address) and (inner := found.ipv4_mapped or found.sixtofour):
        found = inner
    return settings.FEED_PRIVATE or (found.is_global and not found.is_multicast)


class _PublicOnly(AbstractResolver):
    """Looks a name up once and connects to what it found, so that a second answer can't lead elsewhere."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found: list[Any] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        fit = [one for one in found if allowed(one[4][0])]
        if not fit:
            raise Refused("fetch_private", address=host)
        return [
            ResolveResult(hostname=host, host=one[4][0], port=port, family=one[0], proto=one[2], flags=0) for one in fit
        ]

    async def close(self) -> None: ...
