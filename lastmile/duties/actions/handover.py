"""When a post changes hands: open the handover, move what the person owed, and let the successor confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Person
from lastmile.duties.actions.close import done
from lastmile.duties.actions.create import create, withdraw
from lastmile.duties.actions.note import note
from lastmile.duties.actions.responsibilities import ask
from lastmile.duties.models import DutyList, Obligation, What
from lastmile.duties.models.handover import Handover
from lastmile.duties.queries.superiors import superior_of
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

KIND = "duties.handover"
CONFIRM_WITHIN = timedelta(days=3)
MOST_THINGS = 30


@transaction.atomic
def changed(post: Post, before: Person | None, after: Person | None, *, actor: Any = None) -> Handover | None:
    """The holder of a post has changed. Nothing stays with whoever went; the new holder is asked to confirm.

    A first holder has nobody to take over from: they only sign the post's list.
    """
    if after is not None:
        ask(list(DutyList.objects.filter(post=post, replaced_at=None)), actor)
    row = Handover.objects.select_for_update().filter(post=post, confirmed_at=None).first()
    if row is None and before is None:
        return None
    if row is None:
        row = Handover.objects.create(post=post, before=before, opened_at=clock.now())
    row.after = after
    row.moved += leave_behind(before, post, actor=actor) if before is not None else 0
    row.save()
    _ask_to_confirm(row, actor)
    return row


def _ask_to_confirm(row: Handover, actor: Any) -> None:
    """The new holder; while there is none, the superior sees to it that there is one."""
    post = row.post
    owner = post if row.after is not None else superior_of(post)
    withdraw(KIND, f"{row.pk}:wait" if row.after is not None else str(row.pk), actor=actor)
    if owner is None:
        return
    title = _("Take over: %(post)s") if row.after is not None else _("Nobody has taken over: %(post)s")
    create(
        actor=actor,
        kind=KIND,
        key=str(row.pk) if row.after is not None else f"{row.pk}:wait",
        title=title % {"post": f"{post.place.name} {post.title}"},
        place=post.place_id,
        post=owner.pk,
        due_at=clock.now() + CONFIRM_WITHIN,
        detail={"handover": row.pk},
    )


def leave_behind(person: Person, post: Post | None, *, actor: Any = None) -> int:
    """What somebody who holds no post any more owed in person, or had on loan, goes to the post they left.

    Returns how many moved. Whoever still holds another post keeps what is theirs.
    """
    Obligation.objects.filter(delegated_to=person, closed_at=None).update(delegated_to=None, delegated_until=None)
    still = Appointment.objects.filter(person=person, until=None, post__closed_on=None).exists()
    if still and person.left_on is None:
        return 0
    rows = list(Obligation.objects.select_for_update(of=("self",)).filter(person=person, closed_at=None))
    to = post or _last_post(person)
    if to is None:
        return 0
    for row in rows:
        Obligation.objects.filter(pk=row.pk).update(person=None, post=to, accepted_at=None, state="open")
        row.refresh_from_db()
        note(actor, row, What.HANDED_OVER)
    return len(rows)


def _last_post(person: Person) -> Post | None:
    last = Appointment.objects.filter(person=person, post__closed_on=None).order_by("-since", "-pk").first()
    return last.post if last else None


@transaction.atomic
def write_things(row: Handover, things: Sequence[dict[str, Any]], words: str) -> None:
    """What is handed over beside the work: keys, papers, lists. Raises Conflict once it is confirmed."""
    held = Handover.objects.select_for_update().get(pk=row.pk)
    if held.confirmed_at is not None:
        raise Conflict(_("This handover is confirmed; it can't be changed any more."), _("Write to the new holder."))
    kept = [{"what": str(one["what"]).strip()[:100], "taken": bool(one.get("taken"))} for one in things]
    kept = [one for one in kept if one["what"]]
    if len(kept) > MOST_THINGS:
        raise Refusal(_("These are more than 30 things."), _("Put together what lies together."))
    held.things, held.note = kept, words.strip()[:500]
    held.save(update_fields=["things", "note"])


@transaction.atomic
def confirm(user: User, row: Handover) -> None:
    """The successor has everything. Raises Conflict when it is not theirs, or confirmed already."""
    held = Handover.objects.select_for_update().get(pk=row.pk)
    if held.confirmed_at is not None:
        raise Conflict(_("This handover is confirmed."), _("Go back to your list."))
    if held.after_id is None or held.after_id != user.person_id:
        raise Conflict(_("Only the new holder can confirm that everything arrived."), _("Ask them to open this page."))
    held.confirmed_at, held.confirmed_by = clock.now(), user
    held.save(update_fields=["confirmed_at", "confirmed_by"])
    for owed in Obligation.objects.filter(kind=KIND, key=str(held.pk), closed_at=None):
        done(user, owed)
    audit.record("duties.confirm_handover", actor=user, place=held.post.place_id, obj=held.post)
