"""A source with rules, one that fails, and what came in from it."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import Proposal, Received, Source
from lastmile.alerting.sources import rules, store
from lastmile.alerting.sources.reading import read_messages
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.trust import anchors_of
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World


def source(world: World) -> Source:
    """One for each city: a signed warning and its update have come in, and one that is not for us."""
    found = Source.objects.filter(name="郑州市气象台").first()
    if found is not None:
        return found
    found = samples.source("push", good_at=clock.now(), form="cap", push_digest="0" * 64)
    dead = {"code": "fetch_status", "facts": {"address": "https://cap.example.cn/feed.atom", "status": 503}}
    samples.source("feed", name="省预警中心", url="https://cap.example.cn/feed.atom", failures=4, error=dead)
    first = samples.alert(1)
    for one in (first, samples.alert(2, "Update", first, minutes=1), samples.alert(3, area=())):
        store.take_in(found, read_messages(samples.xml(one), anchors_of(found)))
    rules.confirm(world.approver, rules.propose(world.officer, found, colour=2, hazard="", action="issue"))
    rules.propose(world.officer, found, colour=1, hazard="rainstorm", action="issue")
    return found


@sample("sources:listing", login="officer")
@sample("sources:incoming", login="officer")
@sample("sources:check", login="officer")
@sample("sources:check_again", login="officer", skip="answers POST only")
def lists(world: World) -> dict[str, Any]:
    source(world)
    return {}


@sample("sources:source", login="officer")
@sample("sources:enter", login="officer", skip="answers POST only")
@sample("sources:rule_new", login="officer", skip="answers POST only")
@sample("sources:push", login="", skip="answers POST only, for programs")
def page(world: World) -> dict[str, Any]:
    return {"pk": source(world).pk}


@sample("sources:act", login="officer", skip="answers POST only")
def act(world: World) -> dict[str, Any]:
    return {"pk": source(world).pk, "verb": "pause"}


@sample("sources:rule_act", login="officer", skip="answers POST only")
def rule_act(world: World) -> dict[str, Any]:
    found = source(world)
    return {"pk": found.pk, "rule": found.rules.latest("pk").pk, "verb": "end"}


@sample("sources:proposal", login="officer")
@sample("sources:take", login="officer", skip="answers POST only")
@sample("sources:dismiss", login="officer", skip="answers POST only")
def proposal(world: World) -> dict[str, Any]:
    source(world)
    return {"pk": Proposal.objects.filter(into=None).latest("pk").pk}


@sample("sources:original", login="officer", skip="a file to keep")
def original(world: World) -> dict[str, Any]:
    source(world)
    return {"pk": Received.objects.latest("pk").pk}
