"""Two chat groups: one whose robot took a card of a warning, one whose robot is not known to its app any more."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.chat import keeping
from lastmile.alerting.models import AlertEvent, ChatGroup, ChatNote
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World


def group(world: World, name: str = "王宗店村防汛工作群", key: str = "abcdefgh-1234", **more: Any) -> ChatGroup:
    known = ChatGroup.objects.filter(name=name).first()
    address = f"https://open.feishu.cn/open-apis/bot/v2/hook/{key}"
    raw = {"name": name, "audience": "staff", "address": address, **more}
    return known or keeping.add(world.officer, world.places["410182109211"], raw)


@sample("chat:listing", login="officer")
@sample("chat:new", login="officer")
def listing(world: World) -> dict[str, Any]:
    one = group(world)
    ChatGroup.objects.filter(pk=one.pk).update(good_at=clock.now())
    gone = group(world, "王宗店村民群", "gone-robot-5678", audience="residents")
    failure = "the group's robot says 19001: param invalid: incoming webhook access token invalid"
    ChatGroup.objects.filter(pk=gone.pk).update(failure=failure, failed_at=clock.now())
    return {}


@sample("chat:page", login="officer")
def page(world: World) -> dict[str, Any]:
    one = group(world)
    event = AlertEvent.objects.order_by("pk").last() or Desk(world).issued(channels=["sms", "web"])
    facts = {"after": False, "state": ChatNote.State.SENT, "sent_at": clock.now()}
    ChatNote.objects.get_or_create(event=event, group=one, defaults=facts)
    return {"number": one.pk}


@sample("chat:edit", login="officer")
def edit(world: World) -> dict[str, Any]:
    return {"number": group(world).pk}


@sample("chat:warning", login="officer")
@sample("chat:answer", login="officer")
def of_a_warning(world: World) -> dict[str, Any]:
    page(world)
    return {"code": ChatNote.objects.earliest("pk").event.alert.code}
