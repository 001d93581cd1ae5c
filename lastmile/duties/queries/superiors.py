"""Who stands above a post: the one named for it, else the leader of its place or of the nearest place above."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from lastmile.community.org.models import Post, ancestors
from lastmile.community.people.models import Appointment
from lastmile.duties.models.obligation import Superior


def superior_of(post: Post, *, beside: Collection[int] = ()) -> Post | None:
    """The nearest superior that somebody holds and that is none of the posts `beside`; None at the top."""
    seen = {post.pk, *beside}
    held = Exists(Appointment.objects.filter(post=OuterRef("pk"), until=None, person__left_on=None))
    named = Superior.objects.filter(post=post).values_list("superior", flat=True).first()
    rows = Post.objects.filter(held, closed_on=None).exclude(pk__in=seen)
    if named is not None and (found := rows.filter(pk=named).first()):
        return found
    above = [post.place_id, *ancestors(post.place_id)]
    leaders = list(rows.filter(place__in=above, kind=Post.Kind.LEADER, site=None).order_by("pk"))
    if post.kind == Post.Kind.LEADER:
        leaders = [row for row in leaders if row.place_id != post.place_id]
    return max(leaders, key=lambda row: len(row.place_id), default=None)


def loops(post: Post, superior: Post) -> bool:
    """Whether naming `superior` for `post` would make a chain that comes back."""
    named = dict(Superior.objects.values_list("post", "superior"))
    current: int | None = superior.pk
    for _step in range(len(named) + 2):
        if current == post.pk:
            return True
        if current is None:
            return False
        current = named.get(current)
    return True
