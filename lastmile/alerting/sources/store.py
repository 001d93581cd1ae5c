"""Take messages in: each is kept once, as it came, joined to its chain, and the chain's proposal is brought up to date.

Everything here is one transaction under one lock; whatever came in whichever order, the proposal is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q

from lastmile.alerting.cap import values
from lastmile.alerting.cap.signature import State as Signature
from lastmile.alerting.models import Proposal, Received, Source
from lastmile.alerting.sources import area, chains, proposing
from lastmile.alerting.sources.meaning import Meaning, meaning
from lastmile.alerting.sources.reading import Message
from lastmile.kernel import clock, locks

log = structlog.get_logger(__name__)
KINDS: Final = ("Alert", "Update", "Cancel")
PROPOSED: Final = ("Actual", "Exercise")
LOCK: Final = "alerting.sources"


@transaction.atomic
def take_in(source: Source, messages: Iterable[Message], link: str = "") -> list[Received]:
    """Keep what is new, and return it. What this source has brought before is passed over."""
    locks.wait(LOCK)
    made = []
    for message in messages:
        key = chains.key(message.alert)
        if Received.objects.filter(source=source, key=key).exists():
            continue
        one = _kept(source, message, key, link)
        made.append(one)
        if not one.refused:
            _join(one)
    return made


def _kept(source: Source, message: Message, key: str, link: str) -> Received:
    alert, said, now = message.alert, meaning(message.alert), clock.now()
    found = area.ours(alert, source.place_id)
    refused = _refused(source, message, found)
    made = Received.objects.create(
        source=source,
        key=key,
        raw=message.raw,
        form=message.form,
        link=link[:500],
        received_at=now,
        sender=_short(alert.sender),
        identifier=_short(alert.identifier),
        sent=_short(alert.sent, 60),
        sent_at=values.moment(alert.sent),
        expires_at=said.ends,
        kind=_short(alert.msgType, 20),
        status=_short(alert.status, 20),
        colour=said.colour,
        hazard=said.hazard,
        headline=_headline(said),
        signature=message.verdict.state,
        signer=_short(message.verdict.signer),
        findings=[finding.plain() for finding in message.findings[:200]],
        own=sorted(chains.own(alert, source.pk)),
        refers=sorted(chains.refers(alert, source.pk)),
        place=found.place,
        refused=refused,
    )
    log.info("sources.received", source=source.pk, identifier=made.identifier, refused=refused)
    return made


def _short(text: str | None, most: int = 300) -> str:
    return (text or "").replace("\0", "").strip()[:most]


def _headline(said: Meaning) -> str:
    return said.headline or said.english.get("headline", "")


def _refused(source: Source, message: Message, found: area.Ours) -> str:
    """Why it is only kept; "" where it takes part."""
    alert, state = message.alert, message.verdict.state
    if not (alert.identifier and alert.sender and values.moment(alert.sent)):
        return "nameless"
    if alert.msgType not in KINDS:
        return "kind"
    if alert.status not in PROPOSED:
        return "status"
    if state == Signature.BROKEN:
        return "broken"
    if state != Signature.TRUSTED and not source.unsigned:
        return "unsigned"
    if found.place or alert.msgType == "Cancel":  # a cancellation often has no block at all; its chain says where
        return ""
    return "elsewhere" if any(info.area for info in alert.info) else "nowhere"


def _join(one: Received) -> None:
    """Find the chain it belongs to (several, if it connects them), and settle what that asks for now."""
    names = [*one.own, *one.refers]
    near = Received.objects.filter(Q(own__overlap=names) | Q(refers__overlap=names), refused="").exclude(pk=one.pk)
    keys = set(near.exclude(proposal=None).values_list("proposal_id", flat=True))
    known = list(Proposal.objects.select_for_update().filter(pk__in=keys, into=None).order_by("pk"))
    chain = _merged(known) if known else _new(one)
    Received.objects.filter(pk=one.pk).update(proposal=chain)
    one.proposal = chain
    proposing.settle(chain)


def _new(one: Received) -> Proposal:
    place = one.place or one.source.place_id
    return Proposal.objects.create(source=one.source, place_id=place, changed_at=clock.now())


def _merged(known: Sequence[Proposal]) -> Proposal:
    """One of several: the one from which something was made last, else the oldest."""
    stays = max(known, key=lambda one: (one.alert_id or 0, -one.pk))
    for other in known:
        if other.pk != stays.pk:
            Received.objects.filter(proposal=other).update(proposal=stays)
            proposing.retire(other, stays)
    return stays
