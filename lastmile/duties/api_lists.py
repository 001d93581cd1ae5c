"""Gaps, responsibility lists, checklists and handovers, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from lastmile.duties import gaps
from lastmile.duties.queries import gaps as gap_queries
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

router = Router(tags=["duties"])
MOST_LISTED = 500


class GapCount(Schema):
    kind: str
    label: str
    owner: str
    total: int
    by_place: dict[str, int]


class GapOut(Schema):
    place: str
    id: str


def _inside(request: HttpRequest, place: str) -> None:
    if place and not place.startswith(actor(request).scopes(Perm.GAPS_READ) or ("none",)):
        raise NotFound(_("There is no such place in your area."), _("Give the code of a place of yours."))


@router.get("/gaps", response=list[GapCount], summary="What nobody holds or serves, counted by place")
def list_gaps(request: HttpRequest, place: str = "", digits: int = 9) -> list[dict[str, Any]]:
    """`digits` is the length of the place codes to count by: 6 county, 9 township, 12 village, 15 grid."""
    _inside(request, place)
    counts = gap_queries.counted(actor(request), place, max(2, min(digits, 15)))
    return [
        {
            "kind": rule.name,
            "label": str(rule.label),
            "owner": rule.owner.name.lower(),
            "total": sum(counts[rule.name].values()),
            "by_place": counts[rule.name],
        }
        for rule in gaps.rules()
    ]


@router.get("/gaps/{kind}", response=list[GapOut], summary="The gaps of one kind: where, and which key")
def list_gap(request: HttpRequest, kind: str, place: str = "", limit: int = 100) -> list[dict[str, str]]:
    rule = gaps.get(kind)
    _inside(request, place)
    rows = gaps.seen(actor(request), rule, place).order_by(gaps.CODE, "pk")
    return [{"place": row.gap_code, "id": str(row.pk)} for row in rows[: max(1, min(limit, MOST_LISTED))]]
