"""Two subscribers: one that gets everything, one that never confirmed."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import AlertEvent, Delivery, Subscription
from lastmile.alerting.subscribers import actions
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World


def subscription(world: World) -> Subscription:
    found = Subscription.objects.filter(name="市交通局").first()
    if found is not None:
        return found
    place, now = world.places["410182"], clock.now()
    found, _secret = actions.subscribe(world.officer, place, name="市交通局", url="https://traffic.example.cn/hook")
    Subscription.objects.filter(pk=found.pk).update(state="active", confirmed_at=now, due_at=None)
    for number, event in enumerate(AlertEvent.objects.order_by("pk")[:3]):
        fields: dict[str, Any] = {"delivered_at": now} if number else {"due_at": now, "error": "HTTP 503"}
        Delivery.objects.create(subscription=found, event=event, created_at=now, attempts=number + 1, **fields)
    silent, _secret = actions.subscribe(world.officer, place, name="省平台", url="https://old.example.cn/cap")
    Subscription.objects.filter(pk=silent.pk).update(state="refused", due_at=None, error="HTTP 404")
    return found


@sample("subscribers:listing", login="officer")
def listing(world: World) -> dict[str, Any]:
    subscription(world)
    return {}


@sample("subscribers:page", login="officer")
def page(world: World) -> dict[str, Any]:
    return {"pk": subscription(world).pk}


@sample("subscribers:act", login="officer", skip="answers POST only")
def act(world: World) -> dict[str, Any]:
    return {"pk": subscription(world).pk, "verb": "end"}
