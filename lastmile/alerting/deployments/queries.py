"""Which links a person sees, and what there is to say of each."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet

from lastmile.alerting.models import Deployment, DeploymentReceipt
from lastmile.kernel.permissions import Actor, Perm, obtain, within


def links(actor: Actor) -> QuerySet[Deployment]:
    """Those of the person's places: first those that run."""
    rows = Deployment.objects.filter(within(actor.scopes(Perm.SOURCE_READ), "place__code"))
    return rows.select_related("place").order_by(F("ended_at").asc(nulls_first=True), "side", "place", "pk")


def link(actor: Actor, key: int, perm: Perm = Perm.SOURCE_READ) -> Deployment:
    rows = Deployment.objects.select_related("place", "created_by")
    return obtain(rows, actor, perm, see=Perm.SOURCE_READ, place_of=lambda one: one.place_id, pk=key)


def receipts(found: Deployment) -> list[DeploymentReceipt]:
    """The last ones, the newest first, without their texts."""
    return list(found.receipts.defer("text", "signature").order_by("-number")[:30])


def counts(found: Deployment) -> dict[str, int]:
    """How many receipts there are, how many count for nothing, how many wait to be acknowledged."""
    sums = found.receipts.aggregate(all=Count("pk"), refused=Count("pk", filter=~Q(refused="")))
    waits = found.number - found.have if found.side == Deployment.Side.ABOVE else found.waiting
    return {**sums, "waiting": max(0, waits)}
