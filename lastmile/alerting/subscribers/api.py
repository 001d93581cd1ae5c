"""Subscriptions for programs: be pushed every published message."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting.models import Subscription
from lastmile.alerting.subscribers import actions, pushing, queries
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

router = Router(tags=["subscriptions"])
Key = Annotated[int, Field(ge=1, lt=2**31)]


class SubscriptionIn(Schema):
    """Without a secret one is made and stands in the answer, this once."""

    name: Annotated[str, Field(max_length=80)]
    place: Annotated[str, Field(pattern=r"^\d{4,15}$")]
    url: Annotated[str, Field(max_length=500)]
    secret: Annotated[str, Field(max_length=200)] = ""
    exercises: bool = False


class SubscriptionOut(Schema):
    """`state`: asked, active, refused, ended."""

    id: int
    name: str
    place: str
    url: str
    topic: str
    state: str
    error: str
    confirmed_at: datetime | None
    secret: str = ""


def _shown(one: Subscription, secret: str = "") -> dict[str, Any]:
    names = ("id", "name", "url", "state", "error", "confirmed_at")
    shown = {name: getattr(one, name) for name in names}
    return shown | {"place": one.place_id, "topic": pushing.topic_of(one), "secret": secret}


@router.get("/subscriptions", response=list[SubscriptionOut], summary="Addresses to which messages are pushed")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    holding(me(request), Perm.SOURCE_READ)
    return [_shown(one) for one in queries.subscriptions(me(request))[:200]]


@router.post("/subscriptions", response={201: SubscriptionOut}, summary="Push every message of a place to an address")
def subscribe(request: HttpRequest, wish: SubscriptionIn) -> Status[dict[str, Any]]:
    """The address is asked within seconds: it must echo `hub.challenge`."""
    holding(me(request), Perm.SOURCE_EDIT)
    place = Place.objects.current().filter(pk=wish.place).first()
    if place is None or not may(me(request), Perm.SOURCE_READ, place.code):
        raise NotFound("There is no such place, or it is outside your area.")
    made, secret = actions.subscribe(me(request), place, **wish.dict(exclude={"place"}))
    return Status(201, _shown(made, secret))


@router.post("/subscriptions/{key}/end", response=SubscriptionOut, summary="End a subscription")
def end(request: HttpRequest, key: Key) -> dict[str, Any]:
    actions.end(me(request), queries.subscription(me(request), key, Perm.SOURCE_EDIT))
    return _shown(queries.subscription(me(request), key))
