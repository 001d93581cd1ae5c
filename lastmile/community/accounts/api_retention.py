"""The table of how long data is kept, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.community.accounts import queries
from lastmile.community.accounts.apiauth import holding
from lastmile.kernel import retention
from lastmile.kernel.permissions import Perm

router = Router(tags=["privacy"])


class KeptOut(Schema):
    """`days` is 0 where the time is fixed; `how_long` says it in words."""

    name: str
    data: str
    how_long: str
    days: int
    least: int
    most: int
    basis: str
    then: str
    changed_by: str
    changed_at: datetime | None


class DaysIn(Schema):
    days: Annotated[int, Field(ge=0, le=36500)]


def _shown(row: retention.Row) -> dict[str, Any]:
    kept, changed = row.kept, row.changed
    return {
        "name": kept.name,
        "data": str(kept.label),
        "how_long": str(row.how_long),
        "days": row.days if kept.editable else 0,
        "least": kept.least,
        "most": kept.most,
        "basis": str(kept.basis),
        "then": str(kept.then),
        "changed_by": changed.changed_by if changed else "",
        "changed_at": changed.changed_at if changed else None,
    }


@router.get("/retention", response=list[KeptOut], summary="How long each class of data is kept")
def table(request: HttpRequest) -> list[dict[str, Any]]:
    """Every class of data: how long it is kept, on what ground, what happens then."""
    return [_shown(row) for row in retention.table()]


@router.put("/retention/{name}", response=KeptOut, summary="Change how long a class of data is kept")
def change(request: HttpRequest, name: Annotated[str, Field(max_length=40)], body: DaysIn) -> dict[str, Any]:
    """Within the limits of the class; 400 says which."""
    who = queries.me(request)
    holding(who, Perm.RETENTION_EDIT)
    queries.require_retention(who)
    return _shown(retention.change(who, name, body.days))
