"""Who stands at the shelter's door and is on no list there, found by the code of their household (alerting.door_codes).

The three digits behind the number are what a guesser lacks: one try in a thousand hits a grid. Wrong ones are in the
audit trail, and after some of them a keeper has to wait.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting import door_codes
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.limits import TooOften
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Actor, Perm, require
from lastmile.modules.shelters.models import Opening, Stay

WRONG, WITHIN = 20, timedelta(hours=1)
ACTION = "shelters.wrong_code"


def places(opening: Opening) -> QuerySet[Place]:
    """Where a code that was typed without its grid is looked for: where people of this shelter come from, and the
    village around it."""
    expected = Stay.objects.filter(opening=opening).values("place")
    near = Q(code__in=expected)
    if len(opening.shelter.place_id) >= CODE_LENGTH[Level.VILLAGE]:
        near |= Q(code__startswith=opening.shelter.place_id[: CODE_LENGTH[Level.VILLAGE]])
    return Place.objects.filter(near).order_by("code")


def find(actor: Actor, opening: Opening, text: str, place: str = "") -> int:
    """The household with this code. Raises Refusal for a wrong one, TooOften after many.

    Call it outside a transaction: the trail keeps what was refused.
    """
    require(actor, Perm.SHELTER_KEEP, opening.shelter.place_id)
    wrong = AuditEntry.objects.filter(action=ACTION, actor=actor.pk, at__gt=clock.now() - WITHIN).count()
    if wrong >= WRONG:
        raise TooOften(
            _("Too many wrong codes were typed here within an hour."),
            _("Scan the QR on their phone later, or enter them as people in no list now."),
        )
    try:
        near = [place] if place else list(places(opening).values_list("code", flat=True))
        return door_codes.read(opening.incident, text, near)
    except door_codes.Unknown as refusal:
        audit.record(ACTION, actor=actor, place=opening.shelter.place_id, obj=opening)
        raise Refusal(refusal.says, refusal.mend) from refusal
