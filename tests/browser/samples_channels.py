"""Addresses of the public pages and the channels."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.accounts import actions
from lastmile.alerting.models import ChannelAccount, Manifest
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World


@sample("public_warning", login="")
def public_warning(world: World) -> dict[str, Any]:
    desk = Desk(world)
    event = desk.issued(channels=["sms", "web"])
    desk.follow(event, "update", instruction="立即到王宗店小学二楼。\n不要开车过河。")
    return {"code": event.alert.code}


@sample("public_poster", login="", skip="a PDF file, not a page")
@sample("public_cap", login="", skip="XML for programs, not a page")
def public_cap(world: World) -> dict[str, Any]:
    return {"code": "none"}


@sample("public_json", login="", skip="JSON for programs, not a page")
def public_json(world: World) -> dict[str, Any]:
    return {}


@sample("public_feed", login="", skip="a feed for programs, not a page")
def public_feed(world: World) -> dict[str, Any]:
    return {}


@sample("public_rss", login="", skip="a feed for programs, not a page")
def public_rss(world: World) -> dict[str, Any]:
    return {}


@sample("channels", login="system")
def channels(world: World) -> dict[str, Any]:
    return {}


@sample("channel_health", login="officer", skip="a fragment of the page of channels")
def channel_health(world: World) -> dict[str, Any]:
    return {"name": "web"}


@sample("public_map_json", login="", skip="GeoJSON for the map, not a page")
def public_map_json(world: World) -> dict[str, Any]:
    return {}


@sample("public_widget_script", login="", skip="a script, not a page")
def public_widget_script(world: World) -> dict[str, Any]:
    return {}


@sample("channel_accounts:listing", login="system")
def accounts(world: World) -> dict[str, Any]:
    account(world)
    return {}


@sample("channel_accounts:new", login="system", query="?place=410181&channel=sms&kind=smpp")
def new_account(world: World) -> dict[str, Any]:
    return {}


@sample("channel_accounts:page", login="system")
def account(world: World) -> dict[str, Any]:
    known = ChannelAccount.objects.filter(place="410182", channel="sms").first()
    raw = {"name": "荥阳移动", "price": "0.045", "url": "https://sms.invalid/batch", "secret": "s"}
    made = known or actions.add(world.system, world.places["410182"], "sms", "sms", raw)
    return {"number": made.pk}


@sample("channel_accounts:health", login="system", skip="a fragment of the page of accounts")
def account_health(world: World) -> dict[str, Any]:
    return account(world)


@sample("channel_accounts:costs", login="system")
@sample("channel_accounts:xlsx", login="system", skip="a file to keep")
def costs(world: World) -> dict[str, Any]:
    event = Desk(world).issued(channels=["sms", "web"])
    Manifest.objects.filter(event=event, channel="sms").update(settled_at=clock.now(), handed=6, parts=18)
    return {}
