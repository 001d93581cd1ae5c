"""Transfer orders through the permission only."""

from __future__ import annotations

from lastmile.kernel.permissions import Actor, Perm, obtain
from lastmile.modules.shelters.models import Order


def order_of(actor: Actor, pk: int, perm: Perm = Perm.SHELTER_READ) -> Order:
    """One, if the actor may do `perm` where its people live. Raises NotFound or NotAllowed."""
    rows = Order.objects.select_related("place", "household", "site", "opening__shelter", "incident__alert", "by")
    key = max(1, min(pk, 2**31 - 1))
    return obtain(rows, actor, perm, see=Perm.SHELTER_READ, place_of=lambda order: order.place_id, pk=key)
