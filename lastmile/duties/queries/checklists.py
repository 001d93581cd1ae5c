"""Read checklists: of an area, how far a round is by place, and one post's copy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left
from django.db.models.lookups import In
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Place
from lastmile.duties.models import Obligation
from lastmile.duties.models.checklist import Checklist, Mark, Round, Sheet
from lastmile.duties.queries.mine import todo
from lastmile.kernel.errors import NotAllowed, NotFound
from lastmile.kernel.permissions import Perm, may, obtain, within

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

KIND = "duties.checklist"


def touching(codes: Collection[str], field: str) -> Q:
    """Rows whose place is one of these, above one of them, or below one; thousands of codes are looked up by hashing.

    `field` is the ORM field with the row's place code.
    """
    above = {code[:length] for code in codes for length in CODE_LENGTH.values() if length <= len(code)}
    here = Q(**{f"{field}__in": above})
    for length in {len(code) for code in codes}:
        here |= Q(In(Left(field, length), [code for code in codes if len(code) == length]))
    return here


def of_warning(key: str, prefix: str = "") -> Q:
    """The rounds that a warning opened: the first, and one for each update that touched more places."""
    return Q(**{f"{prefix}key": key}) | Q(**{f"{prefix}key__startswith": f"{key} "})


def checklists(actor: Actor) -> QuerySet[Checklist]:
    """Those of the actor's places."""
    rows = Checklist.objects.filter(within(actor.scopes(Perm.DUTY_READ), "place__code"))
    return rows.select_related("place")


def checklist(actor: Actor, pk: int, perm: Perm = Perm.DUTY_READ) -> Checklist:
    rows = Checklist.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.DUTY_READ, place_of=lambda row: row.place_id, pk=pk)


def progress(one: Round, length: int) -> list[dict[str, Any]]:
    """By place code of `length` digits: copies, finished ones, and problems found; never by person."""
    rows = one.sheets.annotate(part=Left("post__place", length)).values("part").order_by("part")
    found = rows.annotate(
        sheets=Count("pk", distinct=True),
        finished=Count("pk", filter=Q(closed_at__isnull=False), distinct=True),
        problems=Count("marks", filter=Q(marks__state=Mark.State.PROBLEM), distinct=True),
    )
    names = dict(Place.objects.filter(pk__in=[row["part"] for row in found]).values_list("pk", "name"))
    return [row | {"name": names.get(row["part"], row["part"])} for row in found]


def length_below(code: str) -> int:
    """The digits of the places one level below a code."""
    return next((n for n in CODE_LENGTH.values() if n > len(code)), len(code))


@dataclass(frozen=True)
class Item:
    number: int
    text: str
    mark: Mark | None


def items(sheet: Sheet) -> list[Item]:
    """Each item with its last mark."""
    last = {mark.item: mark for mark in sheet.marks.all()}
    return [Item(number, text, last.get(number)) for number, text in enumerate(sheet.round.items)]


def sheet(user: User, pk: int) -> tuple[Sheet, bool]:
    """A post's copy, and whether this log-in may fill it in: whose to-do has it. Raises NotFound."""
    row = Sheet.objects.select_related("round__checklist", "post__place", "post__site").filter(pk=pk).first()
    if row is not None:
        mine = todo(user).filter(kind=KIND, key=str(pk)).exists() or _closed_by(user, pk)
        if mine or may(user, Perm.DUTY_READ, row.post.place_id):
            return row, mine
    raise NotFound(_("There is no such checklist, or it is not yours."), _("Go back to your list."))


def to_fill_in(user: User, pk: int) -> Sheet:
    """A copy that this log-in may fill in. Raises NotFound, or NotAllowed for who may only look."""
    row, mine = sheet(user, pk)
    if not mine:
        raise NotAllowed(_("You may look at this checklist, not fill it in."), _("Its post does that."))
    return row


def _closed_by(user: User, pk: int) -> bool:
    return Obligation.objects.filter(kind=KIND, key=str(pk), closed_by=user.pk).exists()
