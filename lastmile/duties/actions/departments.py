"""Work of several departments, and disputes about who is responsible."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Place, Post
from lastmile.duties.actions.close import done
from lastmile.duties.actions.create import New, create, create_many
from lastmile.duties.actions.move import hand_over
from lastmile.duties.models import Obligation
from lastmile.duties.models.department import Dispute
from lastmile.duties.queries.superiors import superior_of
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

JOINT, DISPUTE = "duties.joint", "duties.dispute"
SETTLE_WITHIN = timedelta(days=2)
SETTLE_SOONEST = timedelta(hours=1)  # also where the work itself is due sooner
MOST_PARTS = 12


class Part(NamedTuple):
    """What one department does of it."""

    post: Post
    what: str


@transaction.atomic
def create_joint(
    place: Place, title: str, parts: Sequence[Part], *, due_at: datetime, lead: Post, basis: str = "", danger: int = 1,
    by: Actor,
) -> Obligation:  # fmt: skip
    """One piece of work that several departments do: the lead owes the whole, each department its part.

    Raises Refusal without parts, with a post twice, or with a due time that has passed.
    """
    if not 1 <= len(parts) <= MOST_PARTS or not title.strip():
        raise Refusal(_("Name the work, and 1 to 12 departments with their parts."), _("Fill in at least one part."))
    if len({part.post.pk for part in parts}) < len(parts):
        raise Refusal(_("A department is named twice."), _("Put its parts together into one."))
    if due_at <= clock.now():
        says = _("The time lies in the past.")
        raise Refusal(says, _("Choose a later time."), fields={"due_at": says})
    key = secrets.token_hex(8)
    common = New(
        kind=JOINT, key=key, title=title, place=place.code, due_at=due_at, post=lead.pk, department=lead.department,
        basis=basis, danger=danger,
    )  # fmt: skip
    create_many([common], actor=by)
    whole = Obligation.objects.get(kind=JOINT, key=key)
    items = [
        replace(
            common, key=f"{key}:{n}", title=part.what or title, post=part.post.pk, department=part.post.department,
            parent=whole.pk,
        )
        for n, part in enumerate(parts)
    ]  # fmt: skip
    create_many(items, actor=by)
    return whole


@transaction.atomic
def dispute(actor: User, obligation: Obligation, words: str, other: Post | None = None) -> Dispute:
    """The post that owes it says it is not its to do; the next level must settle that by a deadline.

    Raises Refusal without a reason, Conflict when it is closed, disputed already, or nobody stands above.
    """
    if not words.strip():
        says = _("Say in a few words why it is not yours.")
        raise Refusal(says, _("Name the rule or list that says so."), fields={"words": says})
    held = Obligation.objects.select_for_update(of=("self",)).get(pk=obligation.pk)
    if not held.is_open or held.post is None:
        raise Conflict(_("Only open work of a post can be disputed."), _("Hand it over, or ask whoever wrote it."))
    if Dispute.objects.filter(obligation=held, settled_at=None).exists():
        raise Conflict(_("This is disputed already."), _("The level above settles it; see its page."))
    judge = superior_of(held.post, beside=[other.pk] if other else [])
    if judge is None:
        raise Conflict(_("Nobody above could be found to settle it."), _("Talk to the other department directly."))
    now = clock.now()
    due_at = max(min(now + SETTLE_WITHIN, held.due_at), now + SETTLE_SOONEST)
    made = Dispute.objects.create(
        obligation=held, by_post=held.post, other=other, words=words.strip()[:500], judge=judge, opened_at=now,
        due_at=due_at,
    )  # fmt: skip
    create(
        actor=actor, kind=DISPUTE, key=str(made.pk), title=_("Settle who does it: %(what)s") % {"what": held.title},
        place=held.place_id, post=judge.pk, due_at=due_at, danger=held.danger, detail={"dispute": made.pk},
        basis=held.basis, longitude=held.longitude, latitude=held.latitude,
    )  # fmt: skip
    audit.record("duties.dispute", actor=actor, place=held.place_id, obj=made, obligation=held.pk)
    return made


@transaction.atomic
def settle(actor: User, made: Dispute, decided: Post, words: str) -> None:
    """The level above says who does it; the work moves there, and the dispute is closed for good."""
    row = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("obligation__post__place", "judge")
        .get(pk=made.pk)
    )
    if row.settled_at is not None:
        raise Conflict(_("This dispute is settled."), _("Reload the page to read how."))
    if not words.strip():
        says = _("Say in a few words why.")
        raise Refusal(says, _("Both sides read it."), fields={"words": says})
    if row.obligation.is_open and decided.pk != row.obligation.post_id:
        hand_over(actor, row.obligation, post=decided, words=words.strip(), limit=row.judge.place_id)
    row.settled_at, row.settled_by, row.decided, row.decision = clock.now(), actor, decided, words.strip()[:500]
    row.save()
    for owed in Obligation.objects.filter(kind=DISPUTE, key=str(row.pk), closed_at=None):
        done(actor, owed)
    audit.record("duties.settle", actor=actor, place=row.obligation.place_id, obj=row, decided=decided.pk)
