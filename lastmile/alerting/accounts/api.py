"""Accounts of places for programs: list, add, change, switch, try out; and what a month cost. Secrets never go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting import desk
from lastmile.alerting.accounts import actions, costs
from lastmile.alerting.models import ChannelAccount
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Actor, Perm, require

router = Router(tags=["channels"])

Code = Annotated[str, Field(pattern=r"^\d{4,15}$")]
Word = Annotated[str, Field(max_length=20)]
Settings = dict[Annotated[str, Field(max_length=40)], str | int | bool | dict[str, Any]]


class AccountIn(Schema):
    """`settings` by name, as docs/channels/accounts.md lists them for each kind; a secret that is left out stays."""

    name: Annotated[str, Field(max_length=200)]
    price: Decimal = Decimal(0)
    per: Word = "part"
    settings: Settings = {}


class NewAccount(AccountIn):
    place: Code
    channel: Word
    kind: Word = ""


class AccountOut(Schema):
    id: int
    place: str
    channel: str
    kind: str
    name: str
    price: Decimal
    per: str
    enabled: bool


class SwitchIn(Schema):
    enabled: bool


class TestIn(Schema):
    address: Annotated[str, Field(max_length=200)]


class TestOut(Schema):
    outcome: str
    says: str


class CostOut(Schema):
    """`account` 0 is the installation's own. `yuan` is at the price that stands in the account now."""

    place: str
    channel: str
    account: int
    account_name: str
    warnings: int
    messages: int
    parts: int
    price: Decimal
    per: str
    yuan: Decimal


def _configuring(request: HttpRequest) -> Actor:
    """Whoever sets up channels somewhere."""
    person = actor(request)
    require(person, Perm.SYSTEM_CONFIGURE, min(person.scopes(Perm.SYSTEM_CONFIGURE), key=len, default=""))
    return person


def _shown(account: ChannelAccount) -> dict[str, Any]:
    names = ("channel", "kind", "name", "price", "per", "enabled")
    return {"id": account.pk, "place": account.place_id} | {name: getattr(account, name) for name in names}


def _raw(wanted: AccountIn) -> dict[str, Any]:
    return {**wanted.settings, "name": wanted.name, "price": wanted.price, "per": wanted.per}


@router.get("/channels/accounts", response=list[AccountOut], summary="Channel accounts of places")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    return [_shown(account) for account in actions.seen(_configuring(request))]


@router.post("/channels/accounts", response={201: AccountOut}, summary="Give a place its own account")
def add(request: HttpRequest, wanted: NewAccount) -> Status[dict[str, Any]]:
    place = actions.place_of(actor(request), wanted.place)
    return Status(201, _shown(actions.add(actor(request), place, wanted.channel, wanted.kind, _raw(wanted))))


@router.put("/channels/accounts/{number}", response=AccountOut, summary="Change an account")
def change(request: HttpRequest, number: int, wanted: AccountIn) -> dict[str, Any]:
    account = actions.get(actor(request), number)
    actions.change(actor(request), account, _raw(wanted))
    return _shown(actions.get(actor(request), number))


@router.post("/channels/accounts/{number}/switch", response=AccountOut, summary="Switch an account on or off")
def switch(request: HttpRequest, number: int, wanted: SwitchIn) -> dict[str, Any]:
    actions.switch(actor(request), actions.get(actor(request), number), on=wanted.enabled)
    return _shown(actions.get(actor(request), number))


@router.post("/channels/accounts/{number}/test", response=TestOut, summary="Send a test message by an account")
def test(request: HttpRequest, number: int, wanted: TestIn) -> dict[str, str]:
    """A marked test message to an address of one's own."""
    outcome = actions.test(actor(request), actions.get(actor(request), number), wanted.address)
    return {"outcome": outcome.what.value, "says": desk.outcome_says(outcome)[1]}


@router.get("/channels/costs", response=list[CostOut], summary="Messages and cost of a month, by county and account")
def spent(request: HttpRequest, month: str = "") -> list[dict[str, Any]]:
    """Messages of warnings in a month (2026-11; empty: the current one), by county, channel and account."""
    rows = costs.of_month(_configuring(request), costs.month_of(month[:7]))
    return [vars(row) | {"yuan": row.yuan} for row in rows]
