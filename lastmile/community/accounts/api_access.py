"""Who may do what and why, and roles handed on, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from lastmile.community.accounts import access, delegation, queries
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.models import Grant
from lastmile.community.accounts.roles import Role
from lastmile.community.org import queries as places
from lastmile.kernel.permissions import Perm

router = Router()
LIMIT = 200
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class RightOut(Schema):
    perm: str
    label: str
    grounds: list[str]
    second_factor: bool


class AccessOut(Schema):
    bars: list[str]
    rights: list[RightOut]


class VerdictOut(Schema):
    may: bool
    says: list[str]


class Asked(Schema):
    perm: Perm
    place: Words = Field(max_length=100, description="code or exact name")


class HolderOut(Schema):
    name: str
    role: Role
    place: str
    why: str
    until: datetime | None


class HolderFilter(Schema):
    perm: Perm | None = None
    after: int = Field(0, ge=0, le=2**31 - 1, description="how many to pass over")
    limit: int = Field(50, ge=1, le=LIMIT)


class HandOnIn(Schema):
    grant: int = Field(ge=1, le=2**31 - 1, description="one of my own roles, as GET /api/v1/delegations lists them")
    to: Words = Field(max_length=40, description="user name of the colleague")
    until: AwareDatetime
    reason: Words = Field(max_length=200)


class HandedOnOut(Schema):
    id: int
    role: Role
    place: str
    owner: str
    holder: str
    until: datetime | None
    reason: str


class MineOut(Schema):
    grant: int
    role: Role
    place: str


class DelegationsOut(Schema):
    mine: list[MineOut]
    in_force: list[HandedOnOut]


def handed_on(row: Grant) -> dict[str, Any]:
    owner = row.source.user.display_name if row.source else ""
    return {
        "id": row.pk,
        "role": row.role,
        "place": row.place_id,
        "owner": owner,
        "holder": row.user.display_name,
        "until": row.until,
        "reason": row.reason,
    }


@router.get("/access/users/{int:pk}", response=AccessOut, summary="What a log-in may do, and by which role")
def person(request: HttpRequest, pk: int) -> Any:
    """Everything that a log-in may do, and by which role where."""
    actor = queries.me(request)
    holding(actor, Perm.USER_READ)
    user = queries.user(actor, pk)
    rights = [
        {"perm": one.perm, "label": str(one.perm.label), "grounds": one.grounds, "second_factor": one.guarded}
        for one in access.rights(user)
    ]
    return {"bars": access.bars(user), "rights": rights}


@router.get(
    "/access/users/{int:pk}/may", response=VerdictOut, summary="Whether a log-in may do one thing at one place, and why"
)
def verdict(request: HttpRequest, pk: int, asked: Query[Asked]) -> Any:
    """Whether a log-in may do one thing at one place, and why or why not."""
    actor = queries.me(request)
    holding(actor, Perm.USER_READ)
    user = queries.user(actor, pk)
    return access.verdict(user, asked.perm, queries.place(actor, asked.place, Perm.PLACE_READ))._asdict()


@router.get("/access/places/{code}", response=list[HolderOut], summary="Who reaches a place, and with which permission")
def who(request: HttpRequest, code: str, wanted: Query[HolderFilter]) -> Any:
    """Everybody whose role reaches a place, the nearest first; cut to those who hold one permission."""
    place = places.place(queries.me(request), code)
    rows = access.holders(place)
    if wanted.perm is not None:
        rows = access.with_perm(rows, wanted.perm)
    some = rows.order_by("-place_id", "role", "pk")[wanted.after : wanted.after + wanted.limit]
    return [
        {
            "name": row.user.display_name,
            "role": row.role,
            "place": row.place_id,
            "why": access.origin(row),
            "until": row.until,
        }
        for row in some
    ]


@router.get("/delegations", response=DelegationsOut, summary="Roles I may hand on, and roles handed on")
def delegations(request: HttpRequest) -> Any:
    """My own roles that I may hand on, and what is handed on by me or to me."""
    user = queries.me(request)
    own = [{"grant": one.pk, "role": one.role, "place": one.place_id} for one in delegation.mine(user)]
    return {"mine": own, "in_force": [handed_on(one) for one in delegation.around(user)]}


class NewsOut(Schema):
    id: int
    over: bool
    says: str


@router.get("/delegations/news", response=list[NewsOut], summary="What was handed to me or ended, until I have seen it")
def news(request: HttpRequest) -> Any:
    """What was handed to me, and what has ended without my doing, until I have said that I know."""
    return [{"id": one.grant.pk, "over": one.over, "says": one.says} for one in delegation.news(queries.me(request))]


@router.post("/delegations/{int:pk}/seen", response=HandedOnOut, summary="Say that I know of a delegation")
def seen(request: HttpRequest, pk: int) -> Any:
    """I know of it."""
    return handed_on(delegation.seen(queries.me(request), pk))


@router.post("/delegations", response={201: HandedOnOut}, summary="Hand one of my roles on for some days")
def hand_on(request: HttpRequest, new: HandOnIn) -> Any:
    """Let a colleague hold one of my roles too, for at most 31 days."""
    made = delegation.hand_on(queries.me(request), new.grant, new.to, new.until, new.reason)
    return Status(201, handed_on(made))


@router.delete("/delegations/{int:pk}", response=HandedOnOut, summary="Take a delegated role back, or give it back")
def end(request: HttpRequest, pk: int) -> Any:
    """Take back what I handed on, or give back what I was handed."""
    return handed_on(delegation.end(queries.me(request), pk))
