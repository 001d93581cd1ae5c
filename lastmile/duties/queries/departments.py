"""Read work of several departments, disputes and handovers; each only where the log-in may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post, ancestors
from lastmile.community.people.models import Appointment
from lastmile.duties.models import Obligation
from lastmile.duties.models.department import Dispute
from lastmile.duties.models.handover import Handover
from lastmile.duties.queries.mine import todo
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

MOST = 200  # posts in a drop-down
HELD = Exists(Appointment.objects.filter(post=OuterRef("pk"), until=None, person__left_on=None))


def posts_around(code: str) -> QuerySet[Post]:
    """Posts of a place that somebody holds: departments first, then the levels right below."""
    rows = Post.objects.filter(HELD, place__code__startswith=code, closed_on=None, site=None)
    return rows.select_related("place").order_by("place", "-line", "title")


def posts_for(obligation: Obligation) -> QuerySet[Post]:
    """Among which a dispute can be settled: posts of the same place and below it."""
    base = min(obligation.place_id, obligation.post.place_id if obligation.post else obligation.place_id, key=len)
    return posts_around(base)


def posts_above(post: Post) -> QuerySet[Post]:
    """Who can be named as superior: held posts of the same place and of the places above."""
    rows = Post.objects.filter(HELD, place__in=[post.place_id, *ancestors(post.place_id)], closed_on=None, site=None)
    return rows.exclude(pk=post.pk).select_related("place").order_by("place", "title")


def joint(user: User, pk: int) -> tuple[Obligation, list[Obligation]]:
    """The whole and its parts, for everybody who owes one of them, and whoever may see the place. Raises NotFound."""
    whole = Obligation.objects.select_related("place", "post__place").filter(pk=pk).first()
    if whole is not None:
        parts = list(whole.parts.select_related("post__place").order_by("pk"))
        mine = todo(user).filter(Q(pk=pk) | Q(parent=pk)).exists()
        if mine or may(user, Perm.DUTY_READ, whole.place_id):
            return whole, parts
    raise NotFound(_("There is no such work, or it is outside your area."), _("Go back to your list."))


def dispute(user: User, pk: int) -> tuple[Dispute, bool]:
    """A dispute, and whether this log-in settles it. Both sides and whoever may see the place read it."""
    rows = Dispute.objects.select_related(
        "obligation__place", "by_post__place", "other__place", "judge__place", "decided"
    )
    row = rows.filter(pk=pk).first()
    if row is not None:
        judge = todo(user).filter(kind="duties.dispute", key=str(pk)).exists()
        sides = Appointment.objects.filter(person=user.person_id or 0, post__in=[row.by_post_id, row.other_id or 0])
        if judge or sides.filter(until=None).exists() or may(user, Perm.DUTY_READ, row.obligation.place_id):
            return row, judge
    raise NotFound(_("There is no such dispute, or it is outside your area."), _("Go back to your list."))


def handover(user: User, pk: int) -> tuple[Handover, bool]:
    """A handover, and whether this log-in may write on it: both sides, and whoever edits the post."""
    row = Handover.objects.select_related("post__place", "post__site").filter(pk=pk).first()
    if row is not None:
        side = user.person_id is not None and user.person_id in (row.before_id, row.after_id)
        if side or may(user, Perm.POST_EDIT, row.post.place_id):
            return row, True
        if may(user, Perm.POST_READ, row.post.place_id):
            return row, False
    raise NotFound(_("There is no such handover, or it is outside your area."), _("Go back to your list."))


def handovers(post: Post) -> QuerySet[Handover]:
    """The last few times the post changed hands."""
    return Handover.objects.filter(post=post)[:5]


def handed_over(row: Handover) -> QuerySet[Obligation]:
    """What is open on the post: it stays with the post, so the new holder has it already."""
    rows = Obligation.objects.filter(post=row.post_id, closed_at=None).exclude(kind="duties.handover")
    return rows.order_by("-danger", "due_at", "pk")
