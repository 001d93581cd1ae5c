"""Below: speak to the deployment above. Claim, commit, send, settle, as everything that leaves the house.

1. A claim puts the link off for two minutes, so one worker sends at a time and a dead one delays it no longer.
2. Receipts go up in the order of their numbers from the first that is not acknowledged; without one: a sign of life.
3. The answer is signed and says up to where everything has arrived. Until then a receipt is kept and sent again.
4. While nobody answers the pause doubles, by chance a quarter more or less, up to two minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.alerting.deployments import pairing, trusting, wire, writing
from lastmile.alerting.models import Deployment, DeploymentReceipt
from lastmile.kernel import audit, clock, outward

LEASE: Final = timedelta(minutes=2)
BEAT: Final = 30  # seconds between two signs of life
FIRST, LONGEST = 5, 120  # seconds until the next try
GIVE_UP: Final = timedelta(days=1)  # the news that a link was ended, and a pairing that nobody answers
BATCH, MOST_BYTES = 50, 1_000_000  # of one request: receipts, and their texts
SECONDS: Final = 20
MOST_ANSWER: Final = 100_000  # bytes
State = Deployment.State


@dataclass(frozen=True)
class Asked:
    """One link, what it is asked, and when that was."""

    link: Deployment
    url: str
    body: bytes
    headers: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class Got:
    """`status` 0 where nothing came back; `error` says why."""

    status: int
    body: bytes = b""
    signature: str = ""
    error: str = ""


def tick() -> int:
    """The workers' duty. How many links were spoken to."""
    asked = [_asked(link) for link in _claim()]
    if not asked:
        return 0
    for one, got in zip(asked, exchange(asked), strict=True):
        _settle(one, got)
    return len(asked)


@transaction.atomic
def _claim() -> list[Deployment]:
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Deployment.objects.filter(free, side=Deployment.Side.ABOVE, due_at__lte=now).select_related("place")
    found = list(rows.select_for_update(of=("self",), skip_locked=True))
    Deployment.objects.filter(pk__in=[one.pk for one in found]).update(claimed_until=now + LEASE)
    return found


def _asked(link: Deployment) -> Asked:
    """Made before anything is awaited: keys are opened here alone."""
    if link.state == State.JOINING:
        return Asked(link, link.url + reverse("deployments:pair"), *pairing.request(link), clock.now())
    body = wire.plain(_said(link))
    signature = wire.sign(wire.own_key(link), wire.REQUEST, body)
    headers = {wire.SIGNATURE: signature, "Content-Type": "application/json"}
    return Asked(link, link.url + reverse("deployments:receipts"), body, headers, clock.now())


def _said(link: Deployment) -> dict[str, Any]:
    kept = DeploymentReceipt.objects.filter(link=link).order_by("number")
    first = kept.values_list("number", flat=True).first()
    return {
        "uid": link.uid,
        "at": clock.now().timestamp(),
        "first": first if first is not None else link.number + 1,  # earlier ones are no longer there
        "last": link.number,
        "next": wire.public_of(wire.next_key(link)) if link.next_key else "",
        "knows": link.peer_next,
        "believes": trusting.believed(link),
        "ended": link.state == State.ENDED,
        "receipts": _batch(link),
    }


def _batch(link: Deployment) -> list[dict[str, Any]]:
    rows = DeploymentReceipt.objects.filter(link=link, number__gt=link.have).order_by("number")
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows[:BATCH]:
        size += len(row.text.encode())
        if batch and size > MOST_BYTES:
            break
        batch.append({"number": row.number, "text": row.text, "signature": row.signature})
    return batch


def exchange(asked: list[Asked]) -> list[Got]:
    """All at once; one that is dead delays no other."""
    return asyncio.run(_all(asked))


async def _all(asked: list[Asked]) -> list[Got]:
    return list(await asyncio.gather(*(_one(one) for one in asked)))


async def _one(asked: Asked) -> Got:
    more: dict[str, Any] = {"seconds": SECONDS, "most": MOST_ANSWER, "hops": 0, "private": settings.FEED_PRIVATE}
    try:
        got = await outward.ask("POST", asked.url, body=asked.body, headers=asked.headers, **more)
    except outward.Unreachable as error:
        return Got(0, error=str(error))
    return Got(got.status, got.body, got.headers.get(wire.SIGNATURE, ""))


def _settle(asked: Asked, got: Got) -> None:
    now = clock.now()
    if asked.link.state == State.JOINING:
        error = pairing.settle(asked.link, got.body, got.signature) if got.status == 200 else _why(got)
    else:
        error = _heard(asked, got, now)
    rows = Deployment.objects.filter(pk=asked.link.pk)
    rows.update(claimed_until=None, tried_at=now)
    if error:
        rows.update(**_bad(asked.link, error, now, refused=got.status in (403, 409)))


def _why(got: Got) -> str:
    """What went wrong, in words; the other side's own where it has said some."""
    if not got.status:
        return got.error
    said = wire.parsed(got.body).get("says")
    return f"HTTP {got.status}" + (f": {said}" if isinstance(said, str) else "")


def _bad(link: Deployment, error: str, now: datetime, *, refused: bool) -> dict[str, Any]:
    pause = min(LONGEST, FIRST * 2 ** min(link.failures, 10)) * random.uniform(0.75, 1.25)  # noqa: S311
    fields: dict[str, Any] = {"failures": link.failures + 1, "error": error[:300]}
    if link.state == State.JOINING and (refused or now - link.created_at > GIVE_UP):
        return fields | {"state": State.ENDED, "ended_at": now, "due_at": None, "code": None}
    if link.state == State.ENDED and now - (link.ended_at or now) > GIVE_UP:
        return fields | {"due_at": None}
    return fields | {"due_at": now + timedelta(seconds=pause)}


@transaction.atomic
def _heard(asked: Asked, got: Got, now: datetime) -> str:
    """Take the acknowledgement in. "" or what is wrong with it."""
    if got.status not in (200, 410):
        return _why(got)
    link = Deployment.objects.select_for_update().get(pk=asked.link.pk)
    told = wire.parsed(got.body)
    signer = wire.signer([*link.peer_keys[:1], link.peer_next], wire.ANSWER, got.body, got.signature)
    if not signer or told.get("for") != hashlib.sha256(asked.body).hexdigest():
        return _("The answer is not signed by the deployment above.")
    if link.state == State.ENDED:
        link.due_at = None
        link.save(update_fields=["due_at"])
        return ""
    if got.status == 410:
        return _ended(link, now)
    _keys(link, signer, told)
    _acknowledged(link, told, now)
    trusting.take(link, told)
    link.seen_at, link.failures, link.error = now, 0, ""
    middle = asked.at.timestamp() + (now - asked.at).total_seconds() / 2
    link.skew = float(told.get("at", middle)) - middle
    link.save()
    return ""


def _keys(link: Deployment, signer: str, told: dict[str, Any]) -> None:
    """The change of a key on either side: announced, known, used."""
    if signer == link.peer_next:
        link.peer_keys, link.peer_next = [signer, *link.peer_keys], ""
    elif wire.is_key(told.get("next")) and told["next"] not in link.peer_keys:
        link.peer_next = told["next"]
    if link.next_key and told.get("knows") == wire.public_of(wire.next_key(link)):
        link.key, link.next_key = link.next_key, None


def _acknowledged(link: Deployment, told: dict[str, Any], now: datetime) -> None:
    have = told.get("have")
    if type(have) is not int or not 0 <= have < 2**62:
        return
    if have > link.number or told.get("anew"):
        writing.restate(link.pk, have)
        link.number, link.write_at = max(link.number, have), now
    elif link.failures:
        link.write_at = now
    link.have = have
    DeploymentReceipt.objects.filter(link=link, number__lte=have, acked_at=None).update(acked_at=now)
    link.due_at = now if link.number > have else now + timedelta(seconds=BEAT)


def _ended(link: Deployment, now: datetime) -> str:
    link.state, link.ended_at, link.ended_there, link.due_at = State.ENDED, now, True, None
    link.save()
    audit.record("alerting.deployment_ended", actor=None, place=link.place_id, obj=link, by="above")
    return ""
