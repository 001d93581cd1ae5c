"""The pages of what came back, with some of everything in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lastmile.alerting import coverage, needs, receipts
from lastmile.alerting.models import AlertEvent, Fact, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World

VILLAGE, GRID = "410182109211", "410182109211001"

_made: dict[int, tuple[World, AlertEvent]] = {}  # the world is kept, so that no other gets its id


def event(world: World) -> AlertEvent:
    """One warning an hour old, half answered; the same for every page of a world."""
    if id(world) not in _made:
        clock.forward(hours=-1)
        found = make_event(world)
        clock.forward(hours=1)
        listed(found, world.residents, state=Sent.ACCEPTED)
        listed(found, [world.staff[code] for code in ("410182", "410182109", VILLAGE)], state=Sent.ACCEPTED)
        facts = [Fact.CONFIRMED, Fact.NEEDS_HELP, Fact.MOVED, Fact.DELIVERED, Fact.REFUSED, Fact.SAFE, Fact.FAILED]
        receipts.append(
            [
                receipts.NewReceipt(
                    f"s{found.pk}-{number}",
                    found.pk,
                    person.pk,
                    fact,
                    "sms" if fact in (Fact.DELIVERED, Fact.FAILED) else "link",
                    found.sent_at + timedelta(seconds=40 + 95 * number),
                    note="轮椅" if fact == Fact.NEEDS_HELP else "",
                )
                for number, (person, fact) in enumerate(zip(world.residents, facts, strict=False))
            ]
        )
        coverage.fold()
        _made[id(world)] = (world, found)
    return _made[id(world)][1]


@sample("answers:coverage", login="officer")
@sample("answers:wall", login="officer")
@sample("answers:wall_live", login="officer")
@sample("answers:report", login="officer")
@sample("answers:report_pdf", login="officer", skip="a file to keep")
@sample("answers:report_xlsx", login="officer", skip="a file to keep")
@sample("answers:report_json", login="officer", skip="a file to keep")
def warning(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code}


@sample("answers:coverage_place", login="township")
@sample("answers:coverage_live", login="township")
@sample("answers:coverage_xlsx", login="township", skip="a file to keep")
@sample("answers:again", login="township")
def township(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": "410182109"}


@sample("answers:notes", login="grid", skip="answers POST only")
def notes(world: World) -> dict[str, Any]:
    return {**doors(world), "person": 1}


@sample("answers:help", login="township", skip="answers POST only")
def help_claim(world: World) -> dict[str, Any]:
    """Somebody asks for help anew, whatever other pages have entered at the door."""
    found, person = event(world), world.residents[1].pk
    again = receipts.NewReceipt(f"help-{clock.now()}", found.pk, person, Fact.NEEDS_HELP, "link", clock.now())
    receipts.append([again])
    coverage.fold()
    owed = Obligation.objects.get(kind=needs.HELP.name, key__startswith=f"{found.pk}:", closed_at=None)
    return {**township(world), "pk": owed.pk}


@sample("answers:doors", login="grid")
@sample("answers:enter", login="grid", skip="answers POST only")
def doors(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": GRID}
