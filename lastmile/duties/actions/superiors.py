"""Name the post that silence climbs to, where it is not the leader of the next place up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.duties.models import Superior
from lastmile.kernel import audit, locks
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


@transaction.atomic
def name_superior(actor: Actor | None, post: Post, superior: Post | None) -> None:
    """From now on `superior` hears what `post` leaves undone; None: the leader of the next place up again.

    Raises Refusal for a closed post, one of another branch or below, and for a chain that would come back to where it
    began, also by way of posts that only the tree puts there.
    """
    locks.wait("duties.superiors")  # two namings at once could close a circle that neither sees
    if superior is not None:
        _require_above(post, superior)
    _require_no_loop(post, superior)
    if superior is None:
        Superior.objects.filter(post=post).delete()
    else:
        Superior.objects.update_or_create(post=post, defaults={"superior": superior})
    named = superior.pk if superior else None
    audit.record("duties.superior", actor=actor, place=post.place_id, obj=post, superior=named)


def _require_above(post: Post, superior: Post) -> None:
    if superior.closed_on is not None:
        raise _refusal(_("This post is closed."), _("Choose a post that is open."))
    if not post.place_id.startswith(superior.place_id):
        says = _("%(post)s stands neither at the same place nor above, so it can't be the superior.")
        raise _refusal(says % {"post": superior.title}, _("Choose a post of the same place or above."))


def _require_no_loop(post: Post, superior: Post | None) -> None:
    """Nobody is named further down than they stand, so a circle can only lie inside one place."""
    seen, at = {post.pk}, superior or _leader_beside(post)
    while at is not None:
        if at.pk in seen:
            raise _refusal(
                _("This chain of superiors would come back to where it began."),
                _("Choose somebody who does not answer to this post."),
            )
        seen.add(at.pk)
        row = Superior.objects.filter(post=at).select_related("superior").first()
        at = row.superior if row else _leader_beside(at)


def _leader_beside(post: Post) -> Post | None:
    """Whom the tree puts above a post at its own place; a leader looks further up, where no circle leads back from."""
    if post.kind == Post.Kind.LEADER:
        return None
    return Post.objects.filter(place=post.place_id, kind=Post.Kind.LEADER, site=None, closed_on=None).first()


def _refusal(says: str, mend: str) -> Refusal:
    return Refusal(says, mend, fields={"superior": says})
