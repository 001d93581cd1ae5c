"""Which calls a person may see, and one of them only through the permission."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lastmile.alerting import queries
from lastmile.alerting.models import Call
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor, Perm, may, require

LARGEST = 2**63 - 1


def call(actor: Actor, code: str, pk: int, perm: Perm = Perm.POST_READ) -> Call:
    """One call of a visible warning. 404 outside the actor's area, 403 where they may see it but not do `perm`."""
    event = queries.event(actor, code)
    rows = Call.objects.select_related("event__alert", "post__site", "post__place")
    found = rows.filter(event=event, pk=pk).first() if pk <= LARGEST else None
    if found is None or not may(actor, Perm.POST_READ, found.place):
        raise NotFound(
            _("There is no such call, or it is outside your area."), _("Open the warning again and go down from there.")
        )
    require(actor, perm, found.place)
    return found
