"""Below: whatever has changed since the last receipt becomes the next one, for every warning passed on from above.

A receipt says how things stand, not by how much they moved: one that comes twice or late harms nothing. While the
line works one is written every few seconds, while it is cut one every few minutes, so that what waits stays small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest

from lastmile.alerting.deployments import wire
from lastmile.alerting.deployments.statements import fetch
from lastmile.alerting.models import (
    Alert,
    AlertEvent,
    Deployment,
    DeploymentReceipt,
    Relayed,
    ReportedCall,
    ReportedTally,
)
from lastmile.community.org.models import CODE_LENGTH, Place
from lastmile.kernel import clock

EVERY: Final = timedelta(seconds=5)
CUT: Final = timedelta(minutes=5)
AFTER: Final = timedelta(days=3)  # so long after its end a warning is still reported on
ROWS: Final = 1000  # of one receipt
KEPT: Final = timedelta(days=60)  # receipts after they were acknowledged

Row = tuple[Any, ...]


def tick() -> int:
    """The workers' duty. How many receipts were written."""
    now = clock.now()
    due = Deployment.objects.filter(
        Q(write_at=None) | Q(write_at__lte=now), side=Deployment.Side.ABOVE, state=Deployment.State.ACTIVE
    )
    return sum(_write(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _write(pk: int, now: datetime) -> int:
    link = Deployment.objects.select_for_update(skip_locked=True).filter(pk=pk, state=Deployment.State.ACTIVE).first()
    if link is None:
        return 0
    made: list[DeploymentReceipt] = []
    for message, events in carried(link, now).items():
        for part in _parts(link, message, events, link.number + len(made) + 1):
            made.append(_receipt(link, part, link.number + len(made) + 1, message, now))
    DeploymentReceipt.objects.bulk_create(made)
    fields: dict[str, Any] = {"number": link.number + len(made), "write_at": now + (CUT if link.failures else EVERY)}
    if made and not link.failures:
        fields["due_at"] = now
    Deployment.objects.filter(pk=pk).update(**fields)
    return len(made)


def carried(link: Deployment, now: datetime) -> dict[str, list[AlertEvent]]:
    """Messages from above, and the events that carry each now: what we made of it, or our own update of that."""
    sources = set(link.sources.values_list("pk", flat=True))
    open_ones = Q(closed_at=None) | Q(closed_at__gt=now - AFTER)
    events = AlertEvent.objects.filter(open_ones, place__startswith=link.place_id).select_related("alert")
    last: dict[tuple[str, int], AlertEvent] = {}
    for event in events.order_by("pk"):
        made_of = _made_of(event.alert)
        if made_of is not None and made_of.received.source_id in sources:
            last[made_of.received.identifier, made_of.pk] = event
    found: dict[str, list[AlertEvent]] = defaultdict(list)
    for (message, _alert), event in last.items():
        found[message].append(event)
    return found


def _made_of(alert: Alert | None) -> Relayed | None:
    """The nearest message from outside that this warning, or one it follows, was made of."""
    while alert is not None:
        found = Relayed.objects.select_related("received").defer("received__raw").filter(pk=alert.pk).first()
        if found is not None:
            return found
        alert = alert.replaces
    return None


def _parts(
    link: Deployment, message: str, events: Sequence[AlertEvent], number: int
) -> list[tuple[list[Row], list[Row]]]:
    """What has changed, in pieces: (rows of places, rows of posts)."""
    about = {"link": link.pk, "message": message, "number": number, "place": link.place_id}
    about |= {"events": [one.pk for one in events], "relayed": [one.identifier for one in events]}
    places, calls = fetch("say_places", **about), fetch("say_calls", **about)
    count = max(-(-len(places) // ROWS), -(-len(calls) // ROWS))
    return [(places[at * ROWS : (at + 1) * ROWS], calls[at * ROWS : (at + 1) * ROWS]) for at in range(count)]


def _receipt(
    link: Deployment, part: tuple[list[Row], list[Row]], number: int, message: str, now: datetime
) -> DeploymentReceipt:
    places, calls = part
    said = {"number": number, "message": message, "at": now, "places": places, "calls": calls}
    text = wire.plain(said | {"names": _names({row[0] for row in places} | {row[1] for row in calls})})
    key = wire.own_key(link)
    signature = wire.sign(key, wire.RECEIPT, text)
    return DeploymentReceipt(
        link=link, number=number, text=text.decode(), signature=signature, key=wire.public_of(key), at=now
    )


def _names(codes: set[str]) -> dict[str, str]:
    """Of these places and those above them: the other side need not have them."""
    lengths = CODE_LENGTH.values()
    wanted = {code[:length] for code in codes for length in lengths if length <= len(code)}
    found: dict[str, str] = {}
    below = Deployment.objects.filter(side=Deployment.Side.BELOW, state=Deployment.State.ACTIVE)
    for theirs in below.values_list("names", flat=True):
        found |= {code: theirs[code] for code in wanted & theirs.keys()}
    return found | dict(Place.objects.filter(pk__in=wanted).values_list("code", "name"))


def restate(pk: int, have: int) -> None:
    """The two sides do not agree on what was said: one of them was restored from a copy. Everything is said anew."""
    for said in (ReportedTally, ReportedCall):
        said.objects.filter(link=pk).delete()
    Deployment.objects.filter(pk=pk).update(number=Greatest("number", Value(have)), have=have, write_at=clock.now())


def sweep() -> int:
    """The workers' duty: receipts that were acknowledged long ago go."""
    old = DeploymentReceipt.objects.filter(acked_at__lt=clock.now() - KEPT)
    return old.delete()[0]
