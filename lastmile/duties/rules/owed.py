"""Duties that nobody holds, has written down, signed or taken on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import CODE_LENGTH, Level, Post
from lastmile.community.people.forms import AppointForm
from lastmile.community.people.models import Appointment
from lastmile.duties import shipped
from lastmile.duties.actions.responsibilities import save_list
from lastmile.duties.forms.gaps import TakeForm
from lastmile.duties.gaps import Limit, Mend, Rule, limited
from lastmile.duties.models import Obligation, State
from lastmile.duties.models.responsibility import DutyList
from lastmile.duties.queries.responsibilities import orphaned, unsigned
from lastmile.duties.rules.posts import appoint_to
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def unlisted() -> QuerySet[Post]:
    """Posts at township, village and grid that must answer a warning and have no responsibility list."""
    held = DutyList.objects.filter(post=OuterRef("pk"), replaced_at=None)
    rows = Post.objects.filter(~Exists(held), must_answer=True, closed_on=None).select_related("place")
    return rows.annotate(digits=Length("place")).filter(digits__gte=CODE_LENGTH[Level.TOWNSHIP])


def unaccepted() -> QuerySet[Obligation]:
    """Open for days, or late, and nobody has taken it on."""
    now = clock.now()
    rows = Obligation.objects.filter(state=State.OPEN, closed_at=None).select_related("place")
    old = limited("unaccepted", "place__code", lambda days: Q(opened_at__lt=now - timedelta(days=days)))
    return rows.filter(old | Q(due_at__lt=now))


def _appoint(held: DutyList, data: dict[str, Any], by: Actor) -> None:
    appoint_to(held.post, Appointment.Role.HOLDER, data, by)


def _is_shipped(post: Post) -> bool:
    return bool(shipped.responsibilities(post))


def _adopt(post: Post, data: dict[str, Any], by: Actor) -> None:
    save_list(post, shipped.responsibilities(post), by=by)


def _posts(row: Obligation) -> str:
    return reverse("place_posts", args=[row.place_id])


def _list(pk: int) -> str:
    return reverse("duty_list", args=[pk])


RULES = [
    Rule(
        "orphan", _("duties that nobody holds"), _("Appoint a holder; they are asked to sign the list."),
        Level.TOWNSHIP, orphaned, what=lambda row: f"{row.post.title} · {len(row.lines)}",
        url=lambda row: _list(row.post_id), at="post__place_id", danger=2, superior=True,
        mend=Mend(Perm.POST_EDIT, AppointForm, _appoint),
    ),
    Rule(
        "unaccepted", _("work that nobody has taken on"), _("Ask why, hand it over, or withdraw it."),
        Level.VILLAGE, unaccepted, what=lambda row: row.title, url=_posts, danger=2,
        limit=Limit(3, _("days until somebody must have taken it on"), 365),
    ),
    Rule(
        "unlisted", _("post without a responsibility list"),
        _("One tap takes the shipped list, which the holder is asked to sign; or open the post and write one."),
        Level.VILLAGE, unlisted, what=lambda post: post.title, danger=0,
        url=lambda post: reverse("duty_list_edit", args=[post.pk]),
        mend=Mend(Perm.POST_EDIT, TakeForm, _adopt, _is_shipped),
    ),
    Rule(
        "unsigned", _("responsibility list not signed by its holder"),
        _("Show the holder their page “My responsibilities”: one tap signs it."), Level.VILLAGE,
        unsigned, what=lambda row: row.post.title, url=lambda row: _list(row.post_id), at="post__place_id", danger=0,
    ),
]  # fmt: skip
