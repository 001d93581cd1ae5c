"""Who stands above a post: the one named for it, else the leader of its place or of the nearest place above, or its own
department's post there. The same choice as in sql/escalate.sql; a test holds the two together."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Left, Length
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import CODE_LENGTH, Post, ancestors
from lastmile.community.people.models import Appointment, Leave
from lastmile.duties.models.obligation import Superior
from lastmile.kernel import clock
from lastmile.kernel.errors import Text
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

MOST = 20  # rungs of a ladder that is shown
NAMED, LEADER, DEPARTMENT = _("named for it"), _("leads the place"), _("same department, one level up")


class Rung(NamedTuple):
    """A post on the way up, and why it is there."""

    post: Post
    why: Text


def present() -> Exists:
    """Whether somebody who holds or deputises for the post (the outer row) is there today."""
    today = clock.today()
    away = Leave.objects.filter(person=OuterRef("person"), first_day__lte=today, last_day__gte=today)
    return Exists(Appointment.objects.filter(~Exists(away), post=OuterRef("pk"), until=None, person__left_on=None))


def with_superior(rows: QuerySet[Any, Any], beside: Collection[int] = ()) -> QuerySet[Any, Any]:
    """With `named`, the key of the post named as superior, and `above`, of the post that stands above today."""
    named = Superior.objects.filter(post=OuterRef("pk")).values("superior")
    with_named: QuerySet[Any, Any] = rows.annotate(named=Subquery(named))
    found: QuerySet[Any, Any] = with_named.annotate(above=Subquery(_choice(beside).values("pk")[:1]))
    return found


def _choice(beside: Collection[int]) -> QuerySet[Post]:
    """Of the outer row's candidates the best first."""
    own_department = Q(department=OuterRef("department"))
    lineage = [Left(OuterRef("place_id"), length) for length in CODE_LENGTH.values()]
    here = Q(place=OuterRef("place"))
    leads_here = here & Q(kind=Post.Kind.LEADER) & ~Q(kind=OuterRef("kind"))
    higher = ~here & (Q(kind=Post.Kind.LEADER) | (own_department & ~Q(department="")))
    tree = Q(site=None, place__code__in=lineage) & (leads_here | higher)
    is_named = Q(pk=OuterRef("named"))
    rows = Post.objects.filter(present(), is_named | tree, closed_on=None)
    rows = rows.exclude(pk=OuterRef("pk")).exclude(pk__in=list(beside))
    rows = rows.annotate(not_named=_else(is_named), digits=Length("place_id"), other=_else(own_department))
    return rows.order_by("not_named", "-digits", "other", "pk")


def _else(condition: Q) -> Case:
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def of_area(actor: Actor) -> QuerySet[Any]:
    """Every open post the actor may see, with `named` and `above`."""
    rows = Post.objects.filter(within(actor.scopes(Perm.POST_READ), "place__code"), closed_on=None)
    return with_superior(rows).select_related("place")


def superior_of(post: Post, *, beside: Collection[int] = ()) -> Post | None:
    """The nearest superior who is there today and is none of the posts `beside`; None at the top."""
    found = with_superior(Post.objects.filter(pk=post.pk), beside).values_list("above", flat=True).first()
    return Post.objects.select_related("place").get(pk=found) if found else None


def ladder(post: Post) -> list[Rung]:
    """The way that silence climbs today, from the first superior to the top; no post twice."""
    rungs: list[Rung] = []
    seen, at = {post.pk}, post
    while len(rungs) < MOST and (above := superior_of(at, beside=seen)) is not None:
        named = Superior.objects.filter(post=at, superior=above).exists()
        rungs.append(Rung(above, NAMED if named else LEADER if above.kind == Post.Kind.LEADER else DEPARTMENT))
        seen.add(above.pk)
        at = above
    return rungs


def named_for(post: Post) -> Post | None:
    """The post named as superior, there today or not; None where the tree decides."""
    row = Superior.objects.filter(post=post).select_related("superior__place").first()
    return row.superior if row else None


def nameable(actor: Actor, post: Post) -> QuerySet[Post]:
    """Posts that a program may name, held or not: those the actor sees, and those of the places above the post."""
    seen = within(actor.scopes(Perm.POST_READ), "place__code")
    return Post.objects.filter(seen | Q(place__in=[post.place_id, *ancestors(post.place_id)]))


def answering_to(post: Post) -> QuerySet[Post]:
    """The posts for which this one is named."""
    rows = Post.objects.filter(pk__in=Superior.objects.filter(superior=post).values("post"), closed_on=None)
    return rows.select_related("place").order_by("place", "title")
