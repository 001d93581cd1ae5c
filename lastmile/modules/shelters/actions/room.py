"""Places in shelters: opened, kept for somebody, given back. Each move of `held` is one conditional statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, PositiveIntegerField
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent
from lastmile.duties import actions as duties
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, require
from lastmile.modules.shelters.duties import OPEN
from lastmile.modules.shelters.models import Opening, Shelter
from lastmile.modules.shelters.queries.incident import require_force

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

OPEN_WITHIN = timedelta(minutes=30)


@transaction.atomic
def open_shelter(by: User, incident: AlertEvent, shelter: Shelter) -> Opening:
    """Open a shelter for the incident; its keeper gets it on the to-do. Again after it was closed, it goes on."""
    require(by, Perm.SHELTER_ORDER, shelter.place_id)
    require_force(incident)
    shelter = Shelter.objects.select_for_update(no_key=True).get(pk=shelter.pk)  # nobody takes it out of service now
    if shelter.closed_on is not None:
        raise Refusal(_("This shelter is out of service."), _("Choose another one."))
    values = {"places": shelter.capacity, "opened_at": clock.now(), "opened_by": by}
    found, new = Opening.objects.get_or_create(shelter=shelter, incident=incident, defaults=values)
    again = not new and bool(
        Opening.objects.filter(pk=found.pk).exclude(closed_at=None).update(closed_at=None, places=shelter.capacity)
    )
    if new or again:
        found.refresh_from_db()
        audit.record("shelters.open", actor=by, place=shelter.place_id, obj=shelter, alert=incident.alert.code)
        _ask(by, found)
    return found


def _ask(by: User, opening: Opening) -> None:
    shelter = opening.shelter
    nobody = "" if shelter.keeper_id else str(Perm.SHELTER_KEEP)  # then whoever may keep it
    duties.create_many(
        [
            duties.New(
                kind=OPEN.name,
                key=str(opening.pk),
                title=_("Open %(shelter)s and check people in") % {"shelter": shelter.name},
                place=shelter.place_id,
                due_at=clock.now() + OPEN_WITHIN,
                detail={"opening": opening.pk},
                longitude=shelter.longitude,
                latitude=shelter.latitude,
                again=True,
                post=shelter.keeper_id,
                perm=nobody,
            )
        ],
        actor=by,
    )


def lock(*keys: int) -> dict[int, Opening]:
    """These openings as they are now, held until the transaction ends. In the order of their keys, and after stays:
    two who need the same ones wait for each other instead of deadlocking."""
    rows = Opening.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys)
    return {one.pk: one for one in rows.select_related("shelter").order_by("pk")}


def reserve(opening: Opening, people: int) -> bool:
    """Keep so many places if there are so many, in one statement; False where there are not."""
    room = Opening.objects.filter(pk=opening.pk, closed_at=None, places__gte=F("held") + people)
    return bool(room.update(held=F("held") + people))


def shift(changes: Mapping[int, int]) -> None:
    """Add to `held` by opening, whether there is room or not: people stand at the door, or have gone. In the order of
    their keys, as `lock`."""
    for pk, change in sorted(changes.items()):
        if change:
            held = Greatest(F("held") + change, 0, output_field=PositiveIntegerField())
            Opening.objects.filter(pk=pk).update(held=held)
