"""Gaps and responsibility lists, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import StringConstraints

from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.duties import gaps
from lastmile.duties.actions import responsibilities as list_actions
from lastmile.duties.models.responsibility import DutyList
from lastmile.duties.queries import gaps as gap_queries
from lastmile.duties.queries import responsibilities as lists
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

router = Router(tags=["duties"])
MOST_LISTED = 500
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class GapCount(Schema):
    kind: str
    label: str
    owner: str
    total: int
    by_place: dict[str, int]


class GapOut(Schema):
    place: str
    id: str


class Line(Schema):
    duty: Short
    basis: Short = ""
    frequency: Short = ""
    deadline: Short = ""
    evidence: Short = ""
    takes_over: Short = ""


class ListOut(Schema):
    post: int
    title: str
    place: str
    version: int
    lines: list[Line]


class MineOut(ListOut):
    deputy: bool
    signed: bool


def _inside(request: HttpRequest, place: str) -> None:
    holding(me(request), Perm.GAPS_READ)
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


def _list(row: DutyList) -> dict[str, Any]:
    post = row.post
    return {
        "post": post.pk, "title": post.title, "place": post.place_id, "version": row.version, "lines": row.lines
    }  # fmt: skip


@router.get("/duties/mine", response=list[MineOut], summary="My responsibility lists, across all hats")
def my_lists(request: HttpRequest) -> list[dict[str, Any]]:
    return [_list(one.list) | {"deputy": one.deputy, "signed": one.signed} for one in lists.mine(me(request))]


@router.post("/duties/sign", response=dict[str, int], summary="Sign all my responsibility lists")
def sign_lists(request: HttpRequest) -> dict[str, int]:
    return {"signed": list_actions.sign(me(request))}


@router.get("/posts/{int:pk}/duties", response=ListOut, summary="The responsibility list of a post")
def post_duties(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = lists.in_force(org.post(actor(request), pk))
    if row is None:
        raise NotFound(_("This post has no responsibility list yet."), _("Write one, or take the shipped one."))
    return _list(row)


@router.put("/posts/{int:pk}/duties", response=ListOut, summary="Put a new version of the list in force")
def put_duties(request: HttpRequest, pk: int, data: list[Line]) -> dict[str, Any]:
    post = org.post(actor(request), pk, Perm.POST_EDIT)
    return _list(list_actions.save_list(post, [line.dict() for line in data], by=actor(request)))
