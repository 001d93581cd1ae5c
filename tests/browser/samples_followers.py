"""Two followers by mail: one who has confirmed, one who has not yet; what one of them is owed."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import AlertEvent, Follower, Told
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from tests.browser.samples import sample
from tests.world import World

ASKED = "sample-who-has-asked"


def follower(secret: str, address: str, **more: Any) -> Follower:
    facts = {"kind": Follower.Kind.MAIL, "mark": keyring().blind(address), "address": address, "place": "410182109211"}
    found, _made = Follower.objects.get_or_create(secret=secret, defaults=facts | {"asked_at": clock.now()} | more)
    return found


@sample("my_following", login="")
def my_following(world: World) -> dict[str, Any]:
    follower(ASKED, "a@example.cn")
    return {"secret": ASKED}


@sample("followers", login="officer")
def followers(world: World) -> dict[str, Any]:
    one = follower("sample-who-follows", "b@example.cn", confirmed_at=clock.now())
    for event in AlertEvent.objects.order_by("pk")[:1]:
        facts = {"kind": one.kind, "due_at": clock.now(), "reason": "mail server: no connection"}
        Told.objects.get_or_create(event=event, follower=one, defaults=facts)
    return {}


@sample("public_worker", login="", skip="a script, not a page")
def public_worker(world: World) -> dict[str, Any]:
    return {}
