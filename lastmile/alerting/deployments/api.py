"""Links to other deployments for programs: how each is, pair, end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting import reported
from lastmile.alerting.deployments import actions, pairing, queries
from lastmile.alerting.models import Deployment
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

router = Router(tags=["deployments"])
Key = Annotated[int, Field(ge=1, lt=2**31)]
Code = Annotated[str, Field(pattern=r"^\d{4,6}$")]


class InviteIn(Schema):
    name: Annotated[str, Field(max_length=80)]
    place: Code


class JoinIn(Schema):
    """`code` is what the deployment above has shown, `url` its address."""

    name: Annotated[str, Field(max_length=80)] = ""
    place: Code
    url: Annotated[str, Field(max_length=400)]
    code: Annotated[str, Field(max_length=80)]


class DeploymentOut(Schema):
    """`side`: above or below; `state`: invited, joining, active, ended; `light`: green, yellow, red, secondary.
    `number` is the last receipt written, `have` up to where all have arrived above. `code` is there once, when made."""

    id: int
    side: str
    state: str
    name: str
    place: str
    url: str
    light: str
    says: str
    error: str
    number: int
    have: int
    waiting: int
    refused: int
    skew: float | None
    seen_at: datetime | None
    paired_at: datetime | None
    ended_at: datetime | None
    code: str = ""


def _shown(link: Deployment, code: str = "") -> dict[str, Any]:
    names = "id side state name url error number have skew seen_at paired_at ended_at".split()
    health, counts = reported.health(link), queries.counts(link)
    shown = {name: getattr(link, name) for name in names} | {"light": health.light, "says": health.says}
    return shown | {name: counts[name] for name in ("waiting", "refused")} | {"place": link.place_id, "code": code}


def _place(request: HttpRequest, code: str) -> Place:
    holding(me(request), Perm.DEPLOYMENT_EDIT)
    place = Place.objects.current().filter(pk=code).first()
    if place is None or not may(me(request), Perm.SOURCE_READ, place.code):
        raise NotFound("There is no such place, or it is outside your area.")
    return place


@router.get("/deployments", response=list[DeploymentOut], summary="Deployments above and below")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    holding(me(request), Perm.SOURCE_READ)
    return [_shown(one) for one in queries.links(me(request))[:200]]


@router.post("/deployments/invite", response={201: DeploymentOut}, summary="Invite a deployment below")
def invite(request: HttpRequest, wish: InviteIn) -> Status[dict[str, Any]]:
    """A deployment below this one; its code stands in this answer only."""
    made, code = pairing.invite(me(request), _place(request, wish.place), name=wish.name)
    return Status(201, _shown(made, code))


@router.post("/deployments/join", response={201: DeploymentOut}, summary="Join the deployment above")
def join(request: HttpRequest, wish: JoinIn) -> Status[dict[str, Any]]:
    """The deployment above this one; a worker pairs within seconds."""
    made = pairing.join(me(request), _place(request, wish.place), url=wish.url, code=wish.code, name=wish.name)
    return Status(201, _shown(made))


@router.get("/deployments/{key}", response=DeploymentOut, summary="One deployment")
def one(request: HttpRequest, key: Key) -> dict[str, Any]:
    return _shown(queries.link(me(request), key))


@router.post("/deployments/{key}/end", response=DeploymentOut, summary="End the link to a deployment")
def end(request: HttpRequest, key: Key) -> dict[str, Any]:
    actions.end(me(request), queries.link(me(request), key, Perm.DEPLOYMENT_EDIT))
    return _shown(queries.link(me(request), key))


@router.post("/deployments/{key}/key", response=DeploymentOut, summary="Begin to use a new key on a link")
def rotate(request: HttpRequest, key: Key) -> dict[str, Any]:
    """A new key of ours, used once the other side knows it."""
    actions.rotate(me(request), queries.link(me(request), key, Perm.DEPLOYMENT_EDIT))
    return _shown(queries.link(me(request), key))
