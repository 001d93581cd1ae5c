"""Which subscriptions a person sees."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from lastmile.alerting.models import Delivery, Subscription
from lastmile.kernel.permissions import Actor, Perm, obtain, within


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """Those of the person's places, with how much waits and was given up."""
    rows = Subscription.objects.filter(within(actor.scopes(Perm.SOURCE_READ), "place__code")).select_related("place")
    return rows.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__due_at__isnull=False)),
        given_up=Count("deliveries", filter=Q(deliveries__given_up_at__isnull=False)),
        delivered=Count("deliveries", filter=Q(deliveries__delivered_at__isnull=False)),
    )


def subscription(actor: Actor, key: int, perm: Perm = Perm.SOURCE_READ) -> Subscription:
    rows = Subscription.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.SOURCE_READ, place_of=lambda one: one.place_id, pk=key)


def deliveries(one: Subscription) -> list[Delivery]:
    return list(one.deliveries.select_related("event__alert")[:50])
