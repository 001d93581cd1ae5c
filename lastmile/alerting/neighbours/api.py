"""Neighbours in a warning, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from lastmile.alerting import sight
from lastmile.alerting.models import CellRound
from lastmile.alerting.neighbours import listing
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm, may

router = Router(tags=["cells"])


class PlaceOut(Schema):
    code: str
    name: str
    doors: int
    left: int
    silent: int = Field(description="cells with open doors about which nobody has answered")


class AskedOut(Schema):
    """`heard_at`: when they first answered; null while they are silent."""

    person: int
    role: str = Field(description="head, deputy, near (of the cell beside), pair or volunteer")
    asked_at: datetime
    heard_at: datetime | None


class CellOut(Schema):
    """`cell` is null for doors that only a pair looks after."""

    cell: int | None
    doors: int
    left: int
    silent: bool
    asked: list[AskedOut]


class CellsOut(Schema):
    """`stage`: 0 not yet asked, 1 heads, 2 deputies, 3 split; null where neighbours are not asked."""

    stage: int | None
    due_at: datetime | None
    places: list[PlaceOut]
    cells: list[CellOut]


@router.get("/alerts/{code}/cells", response=CellsOut, summary="How the cells of a warning stand")
def figures(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    """By place one level below; in a grid cell by cell, for those who may see its households."""
    who = actor(request)
    event, found = sight.seen(who, code, place[:15])
    held = CellRound.objects.filter(event=event).first()
    rows = listing.cells(event, found.code) if may(who, Perm.HOUSEHOLD_READ, found.code) else []
    return {
        "stage": getattr(held, "stage", None),
        "due_at": getattr(held, "due_at", None),
        "places": [row for row in listing.by_place(event, found.code) if row.code != found.code],
        "cells": [
            {
                "cell": row.cell.pk if row.cell else None,
                "doors": len(row.doors),
                "left": row.left,
                "silent": row.silent,
                "asked": [one.ask for one in row.asked],
            }
            for row in rows
        ],
    }
