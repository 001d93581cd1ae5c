"""Residents about themselves, and what they ask for, in the browser."""

from __future__ import annotations

from typing import Any

from lastmile.modules.mydata.actions import own
from lastmile.modules.mydata.models import Proposal
from tests.browser.samples import sample
from tests.world import World


def asked(world: World) -> Proposal:
    found = Proposal.objects.filter(state=Proposal.State.OPEN).first()
    return found or own.propose(world.residents[1], "address", "搬到了3号楼2单元")


@sample("proposals", login="village")
def proposals(world: World) -> dict[str, Any]:
    asked(world)
    return {}


@sample("proposal", login="village")
def proposal(world: World) -> dict[str, Any]:
    return {"pk": asked(world).pk}
