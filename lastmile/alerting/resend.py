"""Send a warning again: only to those it has not reached, or who have not answered, on a channel of choice."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lastmile.alerting import coverage, manifest
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Manifest
from lastmile.community.people.models import Contact
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, require


@dataclass(frozen=True)
class Preview:
    """`people` would be told again, `reachable` of them by each channel; `wave` is the last one sent."""

    people: int
    reachable: dict[str, int]
    wave: int


def preview(event: AlertEvent, prefix: str, *, silent: bool) -> Preview:
    persons = coverage.unreached(event, prefix, silent=silent)
    found = {}
    for name in registry.addressed():
        kind = registry.capabilities(name).contact
        rows = Contact.objects.filter(person__in=persons, kind=kind, usable=True)
        found[name] = rows.values("person").distinct().count()
    return Preview(len(persons), found, last_wave(event))


def last_wave(event: AlertEvent) -> int:
    return Manifest.objects.filter(event=event).aggregate(last=Max("wave"))["last"] or 0


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
    told = manifest.write_wave(event, coverage.unreached(event, prefix, silent=silent), channel)
    audit.record("alerting.resend", actor=actor, place=prefix, obj=event, channel=channel, people=told, silent=silent)
    return told
