"""“I have it”: who is on the way to somebody who asks for help, so that not two go and not nobody.

A claim is the obligation of the door, accepted: whoever accepts it on the to-do has it as well. There is no
second list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import needs
from lastmile.alerting.models import AlertEvent
from lastmile.duties import actions
from lastmile.duties.models import Event, Obligation, State, What
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound
from lastmile.kernel.permissions import Actor, Perm, require

FORGOTTEN = timedelta(minutes=30)  # a claim after which nothing followed may be taken over


@dataclass(frozen=True)
class Claim:
    """`by` is a work name; null of it: nobody has it yet."""

    obligation: int
    by: str | None = None
    user: int | None = None
    since: datetime | None = None

    @property
    def forgotten(self) -> bool:
        return self.since is not None and clock.now() - self.since > FORGOTTEN


def claims(event: AlertEvent, doors: Sequence[str]) -> dict[str, Claim]:
    """Of each door (its `needs.Door.key`) whose help is still owed: who has it."""
    keys = {f"{event.warning}:{door}": door for door in doors}
    rows = list(Obligation.objects.filter(kind=needs.HELP.name, key__in=keys, closed_at=None))
    accepted = Event.objects.filter(obligation__in=rows, what=What.ACCEPTED).select_related("actor").order_by("id")
    last = {one.obligation_id: one for one in accepted}
    found = {}
    for row in rows:
        one = last.get(row.pk) if row.state == State.ACCEPTED else None
        by = (str(one.actor) if one.actor else "") if one else None
        found[keys[row.key]] = Claim(row.pk, by, one.actor_id if one else None, one.at if one else None)
    return found


@transaction.atomic
def claim(actor: Actor, event: AlertEvent, place: str, pk: int) -> None:
    """“I have it.” Raises Conflict with the name of whoever was faster, NotAllowed elsewhere."""
    held = _held(actor, event, place, pk)
    if held.state == State.ACCEPTED:
        one = _taken(held)
        if one.actor_id == actor.pk:
            return
        if clock.now() - one.at < FORGOTTEN:
            raise Conflict(_had(one), _("Nobody else needs to go. Call them if you know something they should."))
        actions.give_back(actor, held)
    actions.accept(actor, held)
    audit.record("alerting.help_claimed", actor=actor, place=held.place_id, obj=held)


@transaction.atomic
def release(actor: Actor, event: AlertEvent, place: str, pk: int) -> None:
    """“I can't go after all”: it is everybody's again, at once. Raises Conflict for somebody else's claim, unless they
    serve a place below."""
    held = _held(actor, event, place, pk)
    if held.state == State.ACCEPTED:
        one = _taken(held)
        if one.actor is not None and one.actor_id != actor.pk and not _above(actor, one.actor, held.place_id):
            raise Conflict(
                _had(one), _("Only they can give it back, or somebody of a level above. Call them if they can't go.")
            )
        actions.give_back(actor, held)
        audit.record("alerting.help_released", actor=actor, place=held.place_id, obj=held)


def _taken(held: Obligation) -> Event:
    return held.events.filter(what=What.ACCEPTED).select_related("actor").latest("id")


def _had(one: Event) -> str:
    at = one.at.astimezone(clock.BEIJING).strftime("%H:%M")
    return _("%(who)s has had it since %(time)s.") % {"who": one.actor or "–", "time": at}


def _above(actor: Actor, holder: Actor, place: str) -> bool:
    """Whether the actor serves a larger place around this one than whoever has it."""

    def level(who: Actor) -> int:
        return min((len(code) for code in who.scopes(Perm.ALERT_RECEIPT) if place.startswith(code)), default=99)

    return level(actor) < level(holder)


def _held(actor: Actor, event: AlertEvent, place: str, pk: int) -> Obligation:
    """The obligation, locked, if it belongs to this warning and lies in the person's place."""
    rows = Obligation.objects.select_for_update(of=("self",)).filter(kind=needs.HELP.name, closed_at=None)
    held = rows.filter(pk=pk, key__startswith=f"{event.warning}:", place__code__startswith=place).first()
    if held is None:
        raise NotFound(_("Nobody asks for help there any more."), _("Reload the page."))
    require(actor, Perm.ALERT_RECEIPT, held.place_id)
    return held
