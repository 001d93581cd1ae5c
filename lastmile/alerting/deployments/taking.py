"""Above: take in what the deployment below says. Verify, keep, add up, acknowledge; in any order, any number of times.

Whatever is signed is kept and acknowledged, also what counts for nothing, so that one odd receipt never stops the rest;
why it counts for nothing stands beside it. The answer says up to which number nothing is missing: what is missing is
sent again from there.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.deployments import trusting, wire
from lastmile.alerting.deployments.reading import Unfit, read
from lastmile.alerting.deployments.statements import run
from lastmile.alerting.models import AlertEvent, Deployment, DeploymentReceipt
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import Refusal

PER_MINUTE: Final = 300
MOST: Final = 200  # receipts of one request
State, Refused = Deployment.State, DeploymentReceipt.Refused


class Answer(NamedTuple):
    status: int
    body: bytes
    signature: str


def take(body: bytes, signature: str) -> Answer:
    """Raises Refusal where the request is not by a deployment we know."""
    limits.take(f"deployments:{limits.caller()}", PER_MINUTE)
    said = wire.parsed(body)
    with transaction.atomic():
        rows = Deployment.objects.select_for_update().filter(side=Deployment.Side.BELOW)
        link = rows.filter(uid=wire.text(said.get("uid"), 40)).exclude(state=State.INVITED).first()
        signer = wire.signer([*link.peer_keys[:1], link.peer_next], wire.REQUEST, body, signature) if link else ""
        if link is None or not signer:
            raise Refusal(
                _("This request is not signed by a deployment that is paired with this one."),
                _("Pair the two anew."),
                status=403,
            )
        told = _taken(link, signer, said) if link.state == State.ACTIVE else {}
        told |= {"for": hashlib.sha256(body).hexdigest(), "at": clock.now().timestamp()}
        made = wire.plain(told)
        status = 200 if link.state == State.ACTIVE or said.get("ended") else 410
        return Answer(status, made, wire.sign(wire.own_key(link), wire.ANSWER, made))


def _taken(link: Deployment, signer: str, said: dict[str, Any]) -> dict[str, Any]:
    now = clock.now()
    _keys(link, signer, said)
    anew = _kept(link, said.get("receipts"), now)
    anew = _counted(link, said) or anew
    _seen(link, said, now)
    if said.get("ended") is True:
        link.state, link.ended_at, link.ended_there = State.ENDED, now, True
        audit.record("alerting.deployment_ended", actor=None, place=link.place_id, obj=link, by="below")
    link.code, link.code_until = None, None  # it has a key now
    link.save()
    announced = wire.public_of(wire.next_key(link)) if link.next_key else ""
    return {"have": link.have, "anew": anew, "next": announced, "knows": link.peer_next, **trusting.offered(said)}


def _keys(link: Deployment, signer: str, said: dict[str, Any]) -> None:
    """The change of a key on either side: announced, known, used."""
    if signer == link.peer_next:
        link.peer_keys, link.peer_next = [signer, *link.peer_keys], ""
    elif wire.is_key(said.get("next")) and said["next"] not in link.peer_keys:
        link.peer_next = said["next"]
    if link.next_key and said.get("knows") == wire.public_of(wire.next_key(link)):
        link.key, link.next_key = link.next_key, None


def _kept(link: Deployment, given: Any, now: datetime) -> bool:
    """Keep and add up what is new. True where a number was used before for something else."""
    rows = [row for one in (given if isinstance(given, list) else [])[:MOST] if (row := _row(link, one, now))]
    numbers = [row.number for row in rows]
    known = dict(DeploymentReceipt.objects.filter(link=link, number__in=numbers).values_list("number", "text"))
    anew = any(known.get(row.number, row.text) != row.text for row in rows)
    for row in rows:
        if row.number not in known:
            row.refused = _added(link, row)
            row.save(force_insert=True)
            known[row.number] = row.text
    return anew


def _row(link: Deployment, one: Any, now: datetime) -> DeploymentReceipt | None:
    """A receipt as it came; None for what is no receipt at all."""
    if not isinstance(one, dict):
        return None
    number, text, signature = one.get("number"), one.get("text"), one.get("signature")
    if type(number) is not int or not 0 < number < 2**62 or not isinstance(text, str) or "\0" in text:
        return None
    signed = wire.text(signature, 128)
    return DeploymentReceipt(link=link, number=number, text=text, signature=signed, at=now)


def _added(link: Deployment, row: DeploymentReceipt) -> str:
    """Add its figures up. "" or why it counts for nothing."""
    row.key = wire.signer([*link.peer_keys, link.peer_next], wire.RECEIPT, row.text.encode(), row.signature)
    if not row.key:
        return Refused.SIGNATURE
    try:
        found = read(row.text, row.number, link.place_id)
    except Unfit as unfit:
        return unfit.why
    if not AlertEvent.objects.filter(identifier=found.message).exists():
        return Refused.MESSAGE
    about = {"link": link.pk, "message": found.message, "number": row.number}
    if found.places:
        run("take_places", **about, rows=orjson.dumps(found.places).decode())
    if found.calls:
        run("take_calls", **about, rows=orjson.dumps(found.calls).decode())
    link.names = link.names | found.names
    return ""


def _counted(link: Deployment, said: dict[str, Any]) -> bool:
    """Up to where nothing is missing. True where something is that the other side no longer has: then it must say
    everything anew."""
    first, last = said.get("first"), said.get("last")
    gone = 0
    if isinstance(first, int) and link.have + 1 < first < 2**62:
        gone = first - 1 - link.have
        link.lost += gone
        link.have += gone
    numbers = DeploymentReceipt.objects.filter(link=link, number__gt=link.have).order_by("number")
    for number in numbers.values_list("number", flat=True):
        if number != link.have + 1:
            break
        link.have = number
    link.waiting = max(0, last - link.have) if type(last) is int and last < 2**62 else 0
    return bool(gone)


def _seen(link: Deployment, said: dict[str, Any], now: datetime) -> None:
    """A sign of life, unless somebody only repeats an old request."""
    at = said.get("at")
    if not isinstance(at, int | float) or not 0 < at < 1e11:
        return
    there = datetime.fromtimestamp(at, tz=now.tzinfo)
    if link.peer_at is None or there > link.peer_at:
        link.peer_at, link.seen_at, link.skew = there, now, (there - now).total_seconds()
