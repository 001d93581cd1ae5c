"""Whom a channel has failed for good is told on another one; a number that doesn't exist is not tried again.

1. `fold` notes each failure once: refused, given up, or reported as not delivered.
2. Permanent ones take the contact out of use, unless so many fail that it must be the gateway.
3. Who has a usable contact for another channel of the warning gets one more wave there, once per person and channel.
docs/adr/0010 says why only then, and what is never done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from lastmile.alerting import manifest
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Cause, ChannelTally, Failure, Manifest
from lastmile.community.people.actions import Failed, retire_contacts
from lastmile.community.people.models import Contact
from lastmile.kernel import audit, clock, locks

LOCK = "alerting.fallback"
AT_ONCE = 2_000  # failures worked off in one transaction: it holds the audit chain while it runs
GATEWAY_SHARE, GATEWAY_LEAST = 0.2, 50  # so many dead numbers at once are the gateway's fault, not the numbers'


def fall_back() -> int:
    """The worker's duty. How many failures were worked off."""
    done = 0
    while taken := _step():
        done += taken
    return done


@transaction.atomic
def _step() -> int:
    if not locks.alone(LOCK):
        return 0
    taken = list(Failure.objects.filter(handled_at=None).order_by("id")[:AT_ONCE])
    events = AlertEvent.objects.in_bulk({failure.event for failure in taken})
    _retire([failure for failure in taken if failure.permanent])
    if settings.FALLBACK:
        for event, failures in _grouped(taken, events):
            _tell(event, failures)
    Failure.objects.filter(pk__in=[failure.pk for failure in taken]).update(handled_at=clock.now())
    return len(taken)


def _retire(dead: Sequence[Failure]) -> None:
    """Take the contacts out of use to which these were sent."""
    settled = {
        row[:-1]: row[-1]
        for row in Manifest.objects.filter(
            event__in={one.event for one in dead}, place__in={one.place for one in dead}
        ).values_list("event", "place", "channel", "wave", "settled_at")
    }
    doubted = {pair for pair in {(one.event, one.channel) for one in dead} if _gateway_is_at_fault(*pair)}
    now = clock.now()
    retire_contacts(
        [
            Failed(
                person=one.person,
                kind=registry.capabilities(one.channel).contact,
                at=settled.get((one.event, one.place, one.channel, one.wave)) or now,
                why=Contact.Dead.REPORTED if one.receipt else Contact.Dead.REFUSED,
            )
            for one in dead
            if (one.event, one.channel) not in doubted and one.channel in registry.addressed()
        ]
    )


def _gateway_is_at_fault(event: int, channel: str) -> bool:
    """A gateway that calls a fifth of all numbers dead is set up wrongly: their contacts stay in use."""
    dead = Failure.objects.filter(event=event, channel=channel, permanent=True).count()
    sums = ChannelTally.objects.filter(event=event, channel=channel).aggregate(told=Sum("told"), bad=Sum("rejected"))
    return dead >= GATEWAY_LEAST and dead > GATEWAY_SHARE * ((sums["told"] or 0) + (sums["bad"] or 0))


def _grouped(failures: Iterable[Failure], events: dict[int, AlertEvent]) -> list[tuple[AlertEvent, list[Failure]]]:
    """Failures by event, of those still in force."""
    found: dict[int, list[Failure]] = defaultdict(list)
    for failure in failures:
        found[failure.event].append(failure)
    now = clock.now()
    return [(event, found[key]) for key, event in events.items() if event.closed_at is None and event.expires_at > now]


def _tell(event: AlertEvent, failures: Sequence[Failure]) -> None:
    """The channels of the warning in its own order; who is put on one is left out by the next."""
    people = {"persons": [f.person for f in failures], "places": sorted({f.place for f in failures})}
    for channel in event.frozen["channels"]:
        if channel not in registry.addressed():
            continue
        told = manifest.next_wave(event, channel, Cause.FALLBACK, "wave_fallback", **people)
        if told:
            audit.record("alerting.fallback", place=event.place, obj=event, channel=channel, people=told)
