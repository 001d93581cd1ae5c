"""Push each published message to whoever subscribed. Claim, commit, send, settle, as everything that leaves the house.

1. Issuing writes a due row for each subscription that the message concerns, in the same transaction.
2. A claim puts the row off for two minutes, so one worker sends it at a time and a dead one delays it no longer.
3. 2xx is delivered; 410 ends the subscription; everything else is tried again, the pause doubling up to an hour.
4. After three days it is given up, which is a finding.

As in WebSub: a subscription holds once its address has echoed a challenge, and X-Hub-Signature is the HMAC of the body.
Time and body are signed as well, as for the gateways, so that a push can't be played again later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from yarl import URL

from lastmile.alerting import published, signals
from lastmile.alerting.cap.compose import MEDIA_TYPE, compose
from lastmile.alerting.cap.signature import signed
from lastmile.alerting.channels import signing
from lastmile.alerting.models import AlertEvent, Delivery, Kind, Subscription
from lastmile.alerting.subscribers.actions import close
from lastmile.kernel import clock, outward

LEASE: Final = timedelta(minutes=2)
FIRST, LONGEST = 5, 3600  # seconds
GIVE_UP: Final = timedelta(days=3)
AT_ONCE: Final = 50
SECONDS: Final = 15
MOST_ANSWER: Final = 10_000  # bytes


def register() -> None:
    signals.issued.connect(write, dispatch_uid="subscribers.write")


def write(event: AlertEvent, **_more: Any) -> None:
    """The due rows of a message, one for each subscriber whom it concerns."""
    if "web" not in event.frozen["channels"] or event.alert.kind == Kind.TEST:
        return
    rows = Subscription.objects.filter(state=Subscription.State.ACTIVE)
    if event.exercise:
        rows = rows.filter(exercises=True)
    now, notice = clock.now(), published.notice(event)
    made = [
        Delivery(subscription=one, event=event, created_at=now, due_at=now)
        for one in rows
        if notice.concerns(one.place_id)
    ]
    Delivery.objects.bulk_create(made, ignore_conflicts=True)


def tick() -> int:
    """The workers' duty: ask new subscribers, push what is due. How much was sent."""
    asked, due = _claim_asks(), _claim()
    if not (asked or due):
        return 0
    ready = [(one, *_request(one)) for one in due]
    confirmed, outcomes = asyncio.run(_all(asked, ready))
    for sub, error in zip(asked, confirmed, strict=True):
        _settle_ask(sub, error)
    for one, outcome in zip(due, outcomes, strict=True):
        _settle(one, outcome)
    return len(asked) + len(due)


@transaction.atomic
def _claim() -> list[Delivery]:
    now = clock.now()
    rows = (
        Delivery.objects.filter(due_at__lte=now).select_related("subscription", "event__alert").order_by("due_at", "id")
    )
    found = list(rows.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    Delivery.objects.filter(pk__in=[one.pk for one in found]).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return found


@transaction.atomic
def _claim_asks() -> list[Subscription]:
    now = clock.now()
    rows = Subscription.objects.filter(due_at__lte=now, state=Subscription.State.ASKED).order_by("due_at")
    found = list(rows.select_for_update(skip_locked=True)[:AT_ONCE])
    Subscription.objects.filter(pk__in=[one.pk for one in found]).update(due_at=now + LEASE)
    return found


def _request(one: Delivery) -> tuple[bytes, dict[str, str]]:
    """Body and headers, made before anything is awaited: the secret is opened here alone."""
    body = signed(compose(one.event.frozen))
    secret = one.subscription.secret.reveal() if one.subscription.secret else ""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    topic = topic_of(one.subscription)
    return body, {
        "Content-Type": MEDIA_TYPE,
        "Link": f'<{topic}>; rel="self", <{published.notice(one.event).cap_url}>; rel="canonical"',
        "X-Hub-Signature": f"sha256={digest}",
        "X-Lastmile-Message": one.event.identifier,
        **signing.signed(secret, body, now=clock.now().timestamp()),
    }


def topic_of(one: Subscription) -> str:
    """The feed that this subscription stands for."""
    return f"{settings.PUBLIC_URL}{reverse('public_feed')}?place={one.place_id}"


async def _all(
    asked: list[Subscription], ready: list[tuple[Delivery, bytes, dict[str, str]]]
) -> tuple[list[str], list[tuple[int, str]]]:
    confirmed = await asyncio.gather(*(_ask(one) for one in asked))
    outcomes = await asyncio.gather(*(_push(one.subscription.url, body, headers) for one, body, headers in ready))
    return list(confirmed), list(outcomes)


async def _ask(one: Subscription) -> str:
    """Whether the other side wants this: it echoes the challenge. "" when it does, else what it answered."""
    query = {"hub.mode": "subscribe", "hub.topic": topic_of(one), "hub.challenge": one.challenge}
    status, said = await _send("GET", str(URL(one.url).update_query(query)))
    if 200 <= status < 300 and said.strip() == one.challenge:
        return ""
    return said if status == 0 else f"HTTP {status}"


async def _push(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    return await _send("POST", url, body=body, headers=headers)


async def _send(method: str, url: str, **more: Any) -> tuple[int, str]:
    """(status, text); status 0 where nothing came back, with the reason."""
    private = settings.FEED_PRIVATE
    try:
        got = await outward.ask(method, url, seconds=SECONDS, most=MOST_ANSWER, hops=0, private=private, **more)
    except outward.Unreachable as error:
        return 0, str(error)
    return got.status, got.body.decode("utf-8", "replace")


def _settle_ask(one: Subscription, error: str) -> None:
    state = Subscription.State.REFUSED if error else Subscription.State.ACTIVE
    fields: dict[str, Any] = {"state": state, "due_at": None, "error": error[:300]}
    if not error:
        fields["confirmed_at"] = clock.now()
    Subscription.objects.filter(pk=one.pk, state=Subscription.State.ASKED).update(**fields)


def _settle(one: Delivery, outcome: tuple[int, str]) -> None:
    status, said = outcome
    now = clock.now()
    if 200 <= status < 300:
        Delivery.objects.filter(pk=one.pk).update(delivered_at=now, due_at=None, error="", given_up_at=None)
        return
    if status == 410:
        close(one.subscription, now)
    error = said if status == 0 else f"HTTP {status}"
    Delivery.objects.filter(pk=one.pk, delivered_at=None).update(
        error=error[:300], **_next(one, now, gone=status == 410)
    )


def _next(one: Delivery, now: datetime, *, gone: bool) -> dict[str, Any]:
    if gone:
        return {"due_at": None}
    if now - one.created_at >= GIVE_UP:
        return {"due_at": None, "given_up_at": now}
    return {"due_at": now + timedelta(seconds=min(LONGEST, FIRST * 2 ** min(one.attempts, 12)))}
