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


def posts(obligation: Obligation, limit: str | None = None) -> QuerySet[Post]:
    """Open posts there, or under the place `limit`, that somebody holds."""
    held = Appointment.objects.filter(post=OuterRef("pk"), until=None, person__left_on=None)
    rows = Post.objects.filter(Exists(held), place__code__startswith=limit or base(obligation), closed_on=None)
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


def named(rows: QuerySet[Post], who: str) -> QuerySet[Post]:
    """Narrowed to the words: a place by code or name, or a post's title; the highest places first."""
    if who:
        rows = rows.filter(Q(place__code__startswith=who) | Q(place__name__icontains=who) | Q(title__icontains=who))
    return rows.order_by("place__level", "place", "kind", "title")


def labelled(obligation: Obligation, who: str, limit: int) -> list[tuple[int, str]]:
    """(person, post and masked name) of those it may be delegated to."""
    held = Appointment.objects.filter(
        post__in=named(posts(obligation), who)[: limit * 2].values("pk"), until=None, person__left_on=None
    )
    rows = held.select_related("person", "post__place").order_by("post__place__level", "post__place", "post", "-role")
    found: dict[int, str] = {}
    for row in rows[: limit * 2]:
        label = f"{row.post.place.name} · {row.post.title} · {row.person.name.masked()}"
        found.setdefault(row.person_id, label)
    return list(found.items())[:limit]
