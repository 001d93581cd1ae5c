"""Name the post that silence climbs to, where it is not the leader of the next place up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.duties.models import Superior
from lastmile.kernel import audit
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


@transaction.atomic
def name_superior(actor: Actor | None, post: Post, superior: Post | None) -> None:
    """From now on `superior` hears what `post` leaves undone; None: the leader of the next place up again.

    Raises Refusal for a post below, a closed one, and for a chain that would come back to where it began.
    """
    if superior is None:
        Superior.objects.filter(post=post).delete()
    else:
        _require_above(post, superior)
        _require_no_loop(post, superior)
        Superior.objects.update_or_create(post=post, defaults={"superior": superior})
    named = superior.pk if superior else None
    audit.record("duties.superior", actor=actor, place=post.place_id, obj=post, superior=named)


def _require_above(post: Post, superior: Post) -> None:
    if superior.closed_on is not None:
        raise Refusal(_("This post is closed."), _("Choose a post that is open."))
    if superior.place_id != post.place_id and superior.place_id.startswith(post.place_id):
        raise Refusal(
            _("%(post)s is below this post, so it can't be its superior.") % {"post": superior.title},
            _("Choose a post of the same place or above."),
        )


def _require_no_loop(post: Post, superior: Post) -> None:
    """Follow the named chain; where nobody is named the tree goes on upwards, which ends by itself."""
    Superior.objects.select_for_update().filter(post=post).first()
    seen = {post.pk}
    at: int | None = superior.pk
    while at is not None:
        if at in seen:
            raise Refusal(
                _("This chain of superiors would come back to where it began."),
                _("Choose somebody who does not answer to this post."),
            )
        seen.add(at)
        at = Superior.objects.filter(post=at).values_list("superior", flat=True).first()
