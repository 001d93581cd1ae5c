"""Pushes to browsers, through the service of the browser's maker: sealed to the browser, the service reads nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any, Final

import aiohttp
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from lastmile.alerting import published
from lastmile.alerting.channels import sealing
from lastmile.alerting.channels.contract import ACCEPTED, Outcome, What
from lastmile.alerting.models import Told
from lastmile.kernel import clock, outward
from lastmile.kernel.errors import Refusal

SECONDS: Final = 15
AT_ONCE: Final = 10  # requests
SOON, LONGEST = 60.0, 3600.0  # seconds to wait where the service names none; at most, where it does
AFTER: Final = 24 * 3600  # seconds for which an all-clear waits for a browser that is off
GONE: Final = "gone"
UNTRIED: Final = "not tried: the push service wants a rest"
Prepared = tuple[str, bytes, dict[str, str]]
_rests: dict[str, float] = {}  # host: until when this process leaves it alone


def hosts() -> list[str]:
    return [name.strip().lower() for name in settings.PUSH_HOSTS]


def checked(endpoint: str) -> URL:
    """The address of a push service that we know. Raises Refusal: nothing else is ever asked."""
    url = outward.check(endpoint)
    host = (url.host or "").lower()
    known = any(host == name or host.endswith(f".{name}") for name in hosts())
    if not known or not (url.scheme == "https" or host == "127.0.0.1"):
        raise Refusal(
            _("This browser's push service is not known here."),
            _("Follow by e-mail, or with another browser."),
            status=422,
        )
    return url


def send(batch: Sequence[Told]) -> list[Outcome]:
    now = clock.now().timestamp()
    return asyncio.run(_all([_prepared(told, now) for told in batch]))


def _prepared(told: Told, now: float) -> Prepared | Outcome:
    """What to post where, sealed before anything is awaited; an outcome where there is nothing to post."""
    follower, event = told.follower, told.event
    if follower.address is None or follower.keys is None:
        return Outcome(What.REFUSED, GONE)
    endpoint = follower.address.reveal()
    try:
        url = checked(endpoint)
        p256dh, _blank, auth = follower.keys.reveal().partition(" ")
        body = sealing.seal(payload(told), sealing.Browser.read(p256dh, auth))
    except (Refusal, ValueError) as error:
        return Outcome(What.REFUSED, f"not pushed: {error}"[:200])
    left = int(event.expires_at.timestamp() - now)
    headers = {
        "Authorization": sealing.authorization(settings.PUSH_KEY, str(url.origin()), contact(), now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(left if left > 0 else AFTER),
        "Urgency": "high",
        "Topic": f"warning-{root(told)}",  # a later message of this warning takes the place of one that still waits
    }
    return endpoint, body, headers


def root(told: Told) -> int:
    """The first message of this warning."""
    return int(min(told.event.frozen.get("follows") or [told.event_id]))


def payload(told: Told) -> bytes:
    """What the browser shows: short enough for one record, whatever was written."""
    notice, text = published.notice(told.event), published.text(told.event, told.follower.language)
    shown: dict[str, Any] = {
        "title": text["headline"][:120],
        "body": (text["instruction"] or text["description"])[:300],
        "url": notice.url,
        "tag": f"warning-{root(told)}",
        "lang": "en" if told.follower.language == "en" else "zh-CN",
        "stay": notice.colour <= 2 and notice.kind in ("alert", "update"),
    }
    return json.dumps(shown, ensure_ascii=False).encode()


def contact() -> str:
    """Whom a push service may ask about us."""
    return settings.PUSH_CONTACT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"


async def _all(ready: Sequence[Prepared | Outcome]) -> list[Outcome]:
    limit = asyncio.Semaphore(AT_ONCE)
    async with outward.session(seconds=SECONDS) as session:

        async def one(wish: Prepared | Outcome) -> Outcome:
            if isinstance(wish, Outcome):
                return wish
            async with limit:
                return await _push(session, *wish)

        return list(await asyncio.gather(*(one(wish) for wish in ready)))


async def _push(session: aiohttp.ClientSession, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    host, now = URL(endpoint).host or "", clock.now().timestamp()
    if (rest := _rests.get(host, 0.0) - now) > 0:
        return Outcome(What.RETRY, UNTRIED, rest)
    try:
        async with session.post(endpoint, data=body, headers=headers, allow_redirects=False) as got:
            outcome = judged(got.status, got.headers, now)
    except outward.Unreachable:
        return Outcome(What.REFUSED, "the push service is not at a public address")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return Outcome(What.RETRY, f"connection broke: {type(error).__name__}", SOON)
    if got.status in (429, 503):
        _rests[host] = now + outcome.after
    return outcome


def judged(status: int, headers: Mapping[str, str], now: float) -> Outcome:
    """What a push service's answer means (RFC 8030)."""
    if 200 <= status < 300:
        return ACCEPTED
    if status in (404, 410):
        return Outcome(What.REFUSED, GONE)
    reason = f"the push service answers {status}"
    if status == 429 or status >= 500:
        return Outcome(What.RETRY, reason, waits(headers.get("Retry-After", ""), now))
    if status in (401, 403):
        return Outcome(What.RETRY, f"{reason}: check LASTMILE_PUSH_KEY", SOON)
    return Outcome(What.REFUSED, reason)


def waits(text: str, now: float) -> float:
    """Seconds by a Retry-After, which names seconds or a moment."""
    if text.strip().isdecimal():
        return min(LONGEST, max(1.0, float(text[:9])))
    try:
        return min(LONGEST, max(1.0, parsedate_to_datetime(text).timestamp() - now))
    except (ValueError, TypeError):
        return SOON


def problems() -> list[str]:
    """Sentences that say why browsers can't follow."""
    found = []
    try:
        sealing.own_key(settings.PUSH_KEY)
    except ValueError:
        found.append(_("LASTMILE_PUSH_KEY is not a key: 64 hex digits are needed."))
    if not settings.PUBLIC_URL.startswith("https://") and "127.0.0.1" not in settings.PUBLIC_URL:
        found.append(_("Browsers offer push on pages with https only. Set LASTMILE_PUBLIC_URL to an https address."))
    return found
