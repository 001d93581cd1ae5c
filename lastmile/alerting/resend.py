"""Send a warning again: only to those it has not reached, or who have not answered, on a channel of choice."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lastmile.alerting import again_count, manifest
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Cause, Manifest
from lastmile.kernel import audit, walls
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, require


@dataclass(frozen=True)
class Preview:
    """`people` would be told again, `reachable` of them by each channel; `wave` is the last one sent."""

    people: int
    reachable: dict[str, int]
    wave: int


def preview(event: AlertEvent, prefix: str, *, silent: bool) -> Preview:
    people, by_kind = again_count.count(event, prefix, silent=silent)
    found = {name: by_kind.get(registry.capabilities(name).contact, 0) for name in registry.addressed()}
    return Preview(people, found, last_wave(event))


def last_wave(event: AlertEvent) -> int:
    """The last wave that a person decided on: what falls back by itself in between is nobody's second click."""
    waves = Manifest.objects.filter(event=event).exclude(cause=Cause.FALLBACK)
    return waves.aggregate(last=Max("wave"))["last"] or 0


@walls.opened("the ledger of a warning is written as a whole")
@transaction.atomic
def send_again(actor: Actor, event: AlertEvent, prefix: str, channel: str, *, silent: bool, wave: int) -> int:
    """One more wave to the unreached (or `silent`) people under the prefix. Returns how many will be told.

    `wave` is the last one the person saw: a second click, or a colleague's, is a Conflict instead of a second message.
    """
    require(actor, Perm.ALERT_RESEND, prefix)
    AlertEvent.objects.select_for_update().get(pk=event.pk)
    if last_wave(event) != wave:
        raise Conflict(
            _("This has just been sent again, by you or a colleague."),
            _("Wait a little for the answers, then look at the figures anew."),
        )
    told = manifest.next_wave(event, channel, Cause.AGAIN, "wave_unreached", prefix=prefix, silent=silent)
    audit.record("alerting.resend", actor=actor, place=prefix, obj=event, channel=channel, people=told, silent=silent)
    return told
