"""To whom an obligation may go: posts and people of the owner's place and below it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Person
from lastmile.duties.models import Obligation


def base(obligation: Obligation) -> str:
    """The place whose subtree is the limit: of the post that owes it, or the obligation's own."""
    if obligation.post is not None:
        return min(obligation.post.place_id, obligation.place_id, key=len)
    return obligation.place_id


def posts(obligation: Obligation) -> QuerySet[Post]:
    """Open posts there that somebody holds."""
    held = Appointment.objects.filter(post=OuterRef("pk"), until=None, person__left_on=None)
    rows = Post.objects.filter(Exists(held), place__code__startswith=base(obligation), closed_on=None)
    return rows.exclude(pk=obligation.post_id or 0).select_related("place")


def persons(obligation: Obligation, one: Person | None = None) -> QuerySet[Person]:
    """People who hold a post there; or whether `one` of them does."""
    appointed = Appointment.objects.filter(
        Q(post__site=None) | Q(post__site__closed_on=None),
        person=OuterRef("pk"),
        until=None,
        post__closed_on=None,
        post__place__code__startswith=base(obligation),
    )
    rows = Person.objects.filter(Exists(appointed), left_on=None)
    return rows if one is None else rows.filter(pk=one.pk)
