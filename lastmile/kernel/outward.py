"""Requests to addresses that somebody typed (feeds, webhooks, push): the public internet and nothing else.

    outward.check(url)                           # in a form: a sentence, when the address can't be meant
    answer = await outward.ask("GET", url)       # status, headers, body, address at the end
    outward.session(seconds=20)                  # for who needs more; every hop and every connection is still looked at

What holds for all three: only http and https, no user:password in the address; a name is looked up once and the
connection goes to what was found and judged (a second answer of the DNS leads nowhere); the socket itself refuses to
connect inside, so neither a bare IP in any spelling nor a redirect gets past; no cookies, no proxy from the
environment, a limit of time, of bytes and of redirects; headers of ours do not follow a redirect to another host.
`LASTMILE_OUTWARD_ALLOW` names networks of one's own that may be reached; `private=True` allows them all.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from lastmile.kernel.errors import Refusal

SECONDS: Final = 20
HOPS: Final = 4
MOST_BYTES: Final = 2_000_000
MOVED: Final = (301, 302, 303, 307, 308)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address inside, where the network speaks IPv6 only
UNICAST = ipaddress.ip_network("2000::/3")
SPECIAL = ipaddress.ip_network("192.0.0.0/24")  # protocol assignments; Python calls some of them global


class Unreachable(Refusal):
    """Nothing came back. `why` is one of scheme, private, moved, too_big, failed."""

    status = 422

    def __init__(self, why: str, address: str, more: str = "") -> None:
        self.why, self.address, self.more = why, address[:200], more[:200]
        super().__init__(_sentence(why) % {"address": self.address, "more": self.more})


def _sentence(why: str) -> str:
    return {
        "scheme": _("“%(address)s” is no address that begins with http:// or https:// and a name."),
        "private": _("%(address)s is not a public address, and nothing inside a network is asked."),
        "moved": _("%(address)s: sent on too often."),
        "too_big": _("%(address)s: the answer is too big."),
        "failed": _("%(address)s can't be reached: %(more)s"),
    }[why]


@dataclass(frozen=True)
class Answer:
    status: int
    address: str  # where it came from in the end
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def check(address: str, *, private: bool = False) -> URL:
    """The address as it will be asked. Raises Unreachable for what can't be meant; names are looked up only later."""
    try:
        url = URL(address.strip())
    except (ValueError, UnicodeError):
        raise Unreachable("scheme", address) from None
    if url.scheme not in ("http", "https") or not url.host or url.user is not None or url.password is not None:
        raise Unreachable("scheme", address)
    try:
        literal = ipaddress.ip_address(url.host.partition("%")[0])
    except ValueError:
        return url
    if not allowed(str(literal), private=private):
        raise Unreachable("private", address)
    return url


def allowed(ip: str, *, private: bool = False) -> bool:
    """Whether we may connect there: everywhere public, inside only as far as the operator says."""
    found = _inner(ipaddress.ip_address(ip.partition("%")[0]))
    if any(found in network for network in _own()):
        return True
    if found.is_multicast or found.is_unspecified or found in SPECIAL:
        return False
    public = found.is_global and (found.version == 4 or found in UNICAST)
    return public or private


def _inner(found: Address) -> Address:
    """The IPv4 address that hides in an IPv6 one."""
    if isinstance(found, ipaddress.IPv4Address):
        return found
    if found in NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found


def _own() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(one, strict=False) for one in settings.OUTWARD_ALLOW]


async def host(name: str, port: int = 0) -> str:
    """The IP of a host that is spoken to by another protocol than HTTP, judged. Raises Unreachable, OSError."""
    return str((await _Judged(False).resolve(name, port))[0]["host"])


def typed_host(name: str) -> None:
    """Whether a host that was typed can be meant; a name is judged when it is looked up. Raises Unreachable."""
    check(f"http://[{name}]/" if ":" in name else f"http://{name}/")


def session(*, seconds: float = SECONDS, private: bool = False, connections: int = 100) -> aiohttp.ClientSession:
    """For what `ask` is too little for: it follows redirects as aiohttp does, but never to the inside."""

    def opened(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _name, target = info
        if not allowed(str(target[0]), private=private):
            raise Unreachable("private", str(target[0]))
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=_Judged(private), socket_factory=opened, limit=connections),
        timeout=aiohttp.ClientTimeout(total=seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "lastmile"},
        trust_env=False,
    )


async def ask(
    method: str,
    address: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    most: int = MOST_BYTES,
    hops: int = HOPS,
    private: bool = False,
) -> Answer:
    """The answer, whatever its status. Only GET and HEAD are sent on. Raises Unreachable."""
    url = check(address, private=private)
    try:
        async with asyncio.timeout(seconds), session(seconds=seconds, private=private) as asking:
            for _hop in range(hops + 1):
                given = headers if url.origin() == URL(address.strip()).origin() else None
                async with asking.request(method, url, data=body, headers=given, allow_redirects=False) as got:
                    onward = got.headers.get("Location", "")
                    if got.status not in MOVED or not onward or method not in ("GET", "HEAD"):
                        return Answer(got.status, str(url), got.headers.copy(), await _read(got, most))
                    url = check(str(url.join(URL(onward))), private=private)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Unreachable("failed", address, str(error) or type(error).__name__) from None
    raise Unreachable("moved", address)


def ask_now(method: str, address: str, **options: Any) -> Answer:
    """`ask` for code that runs outside an event loop."""
    return asyncio.run(ask(method, address, **options))


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Also what unpacks to more than was sent is counted as it is unpacked."""
    parts, size = [], 0
    async for part in answer.content.iter_chunked(64 * 1024):
        size += len(part)
        if size > most:
            raise Unreachable("too_big", str(answer.url))
        parts.append(part)
    return b"".join(parts)


class _Judged(AbstractResolver):
    """Looks a name up once; what may not be reached is taken out, and the connection goes to the rest."""

    def __init__(self, private: bool) -> None:
        self.private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found: list[Any] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        fit = [one for one in found if allowed(one[4][0], private=self.private)]
        if not fit:
            raise Unreachable("private", host)
        return [
            ResolveResult(hostname=host, host=one[4][0], port=port, family=one[0], proto=one[2], flags=0) for one in fit
        ]

    async def close(self) -> None: ...
