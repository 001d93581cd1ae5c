"""Hold a warning's data back from destruction, for a dispute or an investigation, and release it with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent, Hold
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.permissions import Perm, may, require

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

SHORTEST = 2


def held() -> set[int]:
    """First events of the warnings that are held now."""
    return set(Hold.objects.filter(released_at=None).values_list("event", flat=True))


def event(actor: Actor, pk: int) -> AlertEvent:
    """The first event of the warning of this one, through the permission. Raises NotFound."""
    found = AlertEvent.objects.select_related("alert").filter(pk=pk).first()
    if found is None or not may(actor, Perm.RETENTION_EDIT, found.place):
        raise NotFound(_("There is no such warning, or it is outside your area."), _("Go back to the list."))
    return found if found.warning == found.pk else AlertEvent.objects.select_related("alert").get(pk=found.warning)


def _reason(text: str) -> str:
    text = text.replace("\0", "").strip()[:200]
    if len(text) < SHORTEST:
        raise Refusal(
            _("Say why."),
            _("Name the case, as “complaint No. 12 of 3 August”. It stands in the audit trail."),
            fields={"reason": _("Write a reason.")},
        )
    return text


def hold(actor: Actor, pk: int, reason: str) -> Hold:
    """Nothing of the warning is destroyed until it is released. Raises Conflict when it is held already."""
    first, why = event(actor, pk), _reason(reason)
    try:
        with transaction.atomic():
            # the row of the event is what the job locks too: a destruction that has begun is over before this
            AlertEvent.objects.select_for_update().get(pk=first.pk)
            made = Hold.objects.create(event=first, place=first.place, reason=why, by=str(actor)[:60], at=clock.now())
            audit.record("alerting.hold", actor=actor, place=first.place, obj=first, reason=why)
    except IntegrityError:
        raise Conflict(_("This warning is held already."), _("Release it first to give another reason.")) from None
    return made


@transaction.atomic
def release(actor: Actor, pk: int, reason: str) -> Hold:
    """Its data is destroyed at the next turn when its time is over. Raises NotFound, Conflict when it is free."""
    found = Hold.objects.select_for_update().filter(pk=pk).first()
    if found is None or not may(actor, Perm.RETENTION_EDIT, found.place):
        raise NotFound(_("There is no such hold, or it is outside your area."), _("Go back to the list."))
    require(actor, Perm.RETENTION_EDIT, found.place)
    why = _reason(reason)
    if found.released_at is not None:
        raise Conflict(_("It was released already."), _("Look at the list again."))
    found.released_at, found.released_by, found.released_why = clock.now(), str(actor)[:60], why
    found.save(update_fields=["released_at", "released_by", "released_why"])
    audit.record("alerting.hold_released", actor=actor, place=found.place, obj=found.event, reason=why)
    return found
