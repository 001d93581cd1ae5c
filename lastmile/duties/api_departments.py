"""Work of several departments, disputes about who is responsible, and who stands above whom, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.community.org.models import Post
from lastmile.duties import actions
from lastmile.duties import queries as owed
from lastmile.duties.actions import departments as verbs
from lastmile.duties.models import Obligation
from lastmile.duties.models.department import Dispute
from lastmile.duties.queries import departments as queries
from lastmile.duties.queries import superiors
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

router = Router(tags=["duties"])
MOST_LISTED = 500
PLAIN = r"^[^\x00-\x1f]*$"
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
Key = Annotated[int, Field(ge=1, le=2**31 - 1)]


class PostOut(Schema):
    id: int
    title: str
    department: str
    place: str = Field(alias="place_id")
    place_name: str = Field(alias="place.name")


class PartIn(Schema):
    post: Key
    what: Short = Field("", description="its part; empty: as the whole")


class JointIn(Schema):
    place: str = Field(max_length=15, pattern=r"^[0-9]{2,15}$")
    title: Short = Field(min_length=1)
    due_at: datetime
    lead: Key = Field(description="the post that answers for the whole")
    parts: list[PartIn] = Field(min_length=1, max_length=12)
    basis: Short = ""
    danger: int = Field(2, ge=0, le=4, description="0 office work … 4 people can be hurt now")


class PartOut(Schema):
    id: int
    title: str
    department: str
    post: PostOut | None
    state: str
    due_at: datetime
    mine: bool = Field(description="whether it is on the caller's own to-do")


class JointOut(PartOut):
    place: str
    basis: str
    parts: list[PartOut]
    disputes: list[int]


class DisputeIn(Schema):
    words: Words = Field(description="why it is not ours")
    other: Key | None = Field(None, description="the post that should do it instead")


class SettleIn(Schema):
    decided: Key = Field(description="the post that does it")
    words: Words = Field(description="why; both sides read it")


class DisputeOut(Schema):
    id: int
    obligation: int = Field(alias="obligation_id")
    title: str = Field(alias="obligation.title")
    place: str = Field(alias="obligation.place_id")
    by: PostOut = Field(alias="by_post")
    other: PostOut | None
    words: str
    judge: PostOut
    opened_at: datetime
    due_at: datetime
    settled_at: datetime | None
    decided: PostOut | None
    decision: str


class SuperiorIn(Schema):
    superior: Key | None = Field(description="a post; null: the leader of the next place up")


class Rung(Schema):
    post: PostOut
    why: str


class LadderOut(Schema):
    named: PostOut | None = Field(description="the post named as superior; null: by level")
    ladder: list[Rung] = Field(description="whom silence reaches today, from the first to the top")


def chosen(rows: QuerySet[Post], pk: int) -> Post:
    """One of the posts that the page offers. Raises NotFound."""
    post = rows.filter(pk=pk).first()
    if post is None:
        says = _("The post %(post)s can't be chosen here.") % {"post": pk}
        raise NotFound(says, _("Choose an open post that somebody holds, of these places."))
    return post


def _part(row: Obligation, mine: set[int]) -> dict[str, Any]:
    names = ("id", "title", "department", "post", "state", "due_at")
    return {name: getattr(row, name) for name in names} | {"mine": row.pk in mine}


def _joint(request: HttpRequest, pk: int) -> dict[str, Any]:
    user = me(request)
    whole, parts = queries.joint(user, pk)
    keys = [whole.pk, *(part.pk for part in parts)]
    mine = set(owed.todo(user).filter(pk__in=keys).values_list("pk", flat=True))
    disputes = list(Dispute.objects.filter(obligation__in=keys).values_list("pk", flat=True))
    more = {"place": whole.place_id, "basis": whole.basis, "disputes": disputes}
    return _part(whole, mine) | more | {"parts": [_part(part, mine) for part in parts]}


@router.post("/duties/joint", response=JointOut, summary="Work of several departments: each gets its part")
def create_joint(request: HttpRequest, body: JointIn) -> dict[str, Any]:
    place = org.place(actor(request), body.place, Perm.CHECKLIST_EDIT)
    posts = queries.posts_around(place.code)
    parts = [verbs.Part(chosen(posts, part.post), part.what) for part in body.parts]
    made = verbs.create_joint(
        place, body.title, parts, due_at=body.due_at, lead=chosen(posts, body.lead), basis=body.basis,
        danger=body.danger, by=actor(request),
    )  # fmt: skip
    return _joint(request, made.pk)


@router.get("/duties/joint/{int:pk}", response=JointOut, summary="The whole, and the part of each department")
def joint(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _joint(request, pk)


@router.get("/duties/disputes", response=list[DisputeOut], summary="Disputes of the area, open ones first")
def disputes(request: HttpRequest, open: bool = False, limit: int = 100) -> list[Dispute]:  # as it is said
    rows = queries.disputes(actor(request))
    rows = rows.filter(settled_at=None) if open else rows
    return list(rows[: max(1, min(limit, MOST_LISTED))])


@router.get("/duties/disputes/{int:pk}", response=DisputeOut, summary="A dispute, for both sides and the area")
def dispute(request: HttpRequest, pk: int) -> Dispute:
    return queries.dispute(me(request), pk)[0]


@router.post("/todo/{int:pk}/dispute", response=DisputeOut, summary="“Not ours”: the level above must settle it")
def open_dispute(request: HttpRequest, pk: int, body: DisputeIn) -> Dispute:
    row = owed.mine(me(request), pk)
    other = None if body.other is None else chosen(queries.posts_for(row), body.other)
    made = verbs.dispute(me(request), row, body.words, other)
    return queries.dispute(me(request), made.pk)[0]


@router.post("/duties/disputes/{int:pk}/settle", response=DisputeOut, summary="Say who does it, as the level above")
def settle(request: HttpRequest, pk: int, body: SettleIn) -> Dispute:
    row = queries.to_settle(me(request), pk)
    verbs.settle(me(request), row, chosen(queries.posts_to_settle(row), body.decided), body.words)
    return queries.dispute(me(request), pk)[0]


def _ladder(post: Post) -> dict[str, Any]:
    rungs = [{"post": rung.post, "why": str(rung.why)} for rung in superiors.ladder(post)]
    return {"named": superiors.named_for(post), "ladder": rungs}


@router.get("/posts/{int:pk}/superior", response=LadderOut, summary="Whom silence of a post climbs to, up to the top")
def ladder(request: HttpRequest, pk: int) -> dict[str, Any]:
    post = org.post(actor(request), pk)
    return _ladder(post)


@router.put(
    "/posts/{int:pk}/superior", response=LadderOut, summary="Name the post that hears what this one leaves undone"
)
def superior(request: HttpRequest, pk: int, body: SuperiorIn) -> dict[str, Any]:
    who = actor(request)
    post = org.post(who, pk, Perm.POST_EDIT)
    named = None if body.superior is None else chosen(superiors.nameable(who, post), body.superior)
    actions.name_superior(who, post, named)
    return _ladder(post)
