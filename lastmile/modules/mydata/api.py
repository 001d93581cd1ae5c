"""Corrections that residents ask for, for programs of the community."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm
from lastmile.modules.mydata.actions import settle as settling
from lastmile.modules.mydata.models import Proposal
from lastmile.modules.mydata.queries import asked

router = Router(tags=["privacy"])
Key = Annotated[int, Field(ge=1, lt=2**63)]


class ProposalOut(Schema):
    """`what`: name, born, address, needs, gone, other. `state`: open, done, refused."""

    id: int
    person: int
    place: str
    what: str
    state: str
    made_at: datetime
    settled_at: datetime | None


class WishOut(Schema):
    wish: str


class SettleIn(Schema):
    done: bool
    answer: Annotated[str, Field(max_length=300)] = ""


def _shown(one: Proposal) -> dict[str, Any]:
    names = ("place", "what", "state", "made_at", "settled_at")
    return {"id": one.pk, "person": one.person_id} | {name: getattr(one, name) for name in names}


@router.get("/corrections", response=list[ProposalOut], summary="Corrections proposed by residents")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    """The newest 200 of the area."""
    holding(me(request), Perm.HOUSEHOLD_EDIT)
    return [_shown(one) for one in asked.proposals(me(request))[:200]]


@router.post("/corrections/{int:key}/look", response=WishOut, summary="Read a resident's words")
def look(request: HttpRequest, key: Key) -> dict[str, Any]:
    """The resident's words; a look that the resident sees."""
    holding(me(request), Perm.HOUSEHOLD_EDIT)
    return {"wish": settling.read(me(request), asked.proposal(me(request), key))}


@router.post("/corrections/{int:key}/settle", response=ProposalOut, summary="Accept or decline a correction")
def settle(request: HttpRequest, key: Key, body: SettleIn) -> dict[str, Any]:
    holding(me(request), Perm.HOUSEHOLD_EDIT)
    settling.settle(me(request), asked.proposal(me(request), key), done=body.done, answer=body.answer)
    return _shown(asked.proposal(me(request), key))
