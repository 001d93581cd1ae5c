"""Open the calls of a warning when it is issued, and of a part of its area when a township or village starts them."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from lastmile.alerting import manifest, target
from lastmile.alerting.area import Area
from lastmile.alerting.cascade import doors, rules
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.models import WARNS, AlertEvent, Call, CallState, Group
from lastmile.alerting.models.calls import What
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock, walls
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require


def freeze(event: AlertEvent) -> list[dict[str, Any]]:
    """The ladders of an event that is being issued; none for an all-clear or a test, which nobody must answer."""
    frozen = event.frozen
    if frozen["kind"] not in WARNS:
        return []
    return rules.freeze(event.place, frozen["hazard"], event.colour)


def opened_at_issue(actor: Actor | None, event: AlertEvent, area: Area) -> int:
    """Call for every post that must answer, in the transaction of the issue and after the ledger has been written.

    An update that is not more severe carries on what was: whoever has confirmed is not woken again.
    """
    if not event.ladder:
        return 0
    count = _open(actor, event, area)
    follows = event.frozen.get("follows") or []
    before = AlertEvent.objects.filter(pk=follows[-1]).values_list("colour", flat=True).first() if follows else None
    if before is not None and event.colour >= before:
        fetch("carry", event=event.pk, before=follows[-1], now=clock.now())
        doors.open_for(list(Call.objects.filter(event=event, state=CallState.DOOR).values_list("pk", flat=True)))
    return count


def _open(actor: Actor | None, event: AlertEvent, area: Area, within: str = "", *, forced: bool = False) -> int:
    groups = [Group(name) for name in event.frozen["audience"]["groups"]]
    values = target.parameters(area, groups, ())
    values |= {
        "event": event.pk,
        "root": event.warning,
        "ladder": json.dumps(event.ladder),
        "base": manifest.base_priority(event),
        "now": clock.now(),
        "within": within,
        "forced": forced,
        "actor": getattr(actor, "pk", None),
    }
    return len(fetch("open", **values))


@walls.opened("calls climb to superiors above the area")
def start(actor: Actor, event: AlertEvent, place: Place) -> tuple[int, int]:
    """Start 叫应 inside one's own area on a warning in force: posts that were not called are, and whoever is held back
    by quiet hours is called now. (newly opened, called now). It issues nothing and reaches nobody outside the place.
    """
    require(actor, Perm.CALL_START, place.code)
    if event.closed_at is not None or event.expires_at <= clock.now():
        raise Conflict(_("This warning is no longer in force."), _("Nobody needs to be called for it."))
    if not event.ladder or not place.code.startswith(event.place):
        raise Refusal(_("Nobody has to answer this message here."), _("Open the warning that is in force."))
    new = _open(actor, event, manifest.area_of(event), place.code, forced=True)
    waiting = Call.objects.filter(event=event, place__startswith=place.code, state=CallState.WAITING)
    ids = list(waiting.values_list("pk", flat=True))
    woken = fetch("wake", ids=ids, now=clock.now(), actor=actor.pk, what=What.AGAIN.value)
    audit.record("alerting.start_calls", actor=actor, place=place.code, obj=event, opened=new, called=len(woken))
    return new, len(woken)
