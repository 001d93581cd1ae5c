"""Take an obligation on, or let somebody else: accept, hand over, delegate, recall, snooze."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.community.people.models import Person
from lastmile.duties.actions.close import already
from lastmile.duties.actions.create import moment
from lastmile.duties.actions.note import known, note
from lastmile.duties.lifecycle import TABLE
from lastmile.duties.models import Obligation, Reached, State, What
from lastmile.duties.models.obligation import Danger
from lastmile.duties.queries import candidates
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

LONGEST_DELEGATION = timedelta(days=90)
LONGEST_SNOOZE = timedelta(days=14)


@transaction.atomic
def accept(actor: Actor | None, obligation: Obligation, *, at: datetime | None = None, key: UUID | None = None) -> None:
    """“I am on it”: what would follow on silence alone no longer does; lateness still climbs."""
    if known(key) or obligation.state == State.ACCEPTED:
        return
    _require_open(obligation)
    steps = obligation.policy.get("steps", [])
    step = obligation.step
    while step < len(steps) and steps[step]["silent"]:
        step += 1
    now = clock.now()
    TABLE.advance(obligation, State.ACCEPTED, accepted_at=now, step=step, next_at=moment(obligation.policy, step, now))
    note(actor, obligation, What.ACCEPTED, at=at, key=key)


@transaction.atomic
def give_back(actor: Actor | None, obligation: Obligation) -> None:
    """“I can't after all”: it waits for its owner again, and silence climbs on from here."""
    _require_open(obligation)
    if obligation.state != State.ACCEPTED:
        return
    now = clock.now()
    steps = obligation.policy.get("steps", [])
    step = next((number for number, one in enumerate(steps) if one["at"] > now.timestamp()), len(steps))
    next_at = moment(obligation.policy, step, now)
    TABLE.advance(obligation, State.OPEN, accepted_at=None, step=step, next_at=next_at)
    note(actor, obligation, What.UNDONE)


@transaction.atomic
def hand_over(
    actor: Actor | None,
    obligation: Obligation,
    *,
    post: Post | None = None,
    person: Person | None = None,
    words: str = "",
    limit: str | None = None,
) -> None:
    """From now on another post, or one person, owes it. Raises Refusal outside the places of its owner, or, for a post
    that the level above has decided on, outside the place `limit`.
    """
    if (post is None) == (person is None):
        raise ValueError("hand over to exactly one of post and person")
    inside = candidates.posts(obligation, limit).filter(pk=post.pk) if post else candidates.persons(obligation, person)
    if not inside.exists():
        raise _outside()
    _require_open(obligation)
    Obligation.objects.filter(pk=obligation.pk).update(
        post=post,
        person=person,
        perm="",
        state=State.OPEN,
        accepted_at=None,
        delegated_to=None,
        delegated_until=None,
        snoozed_until=None,
        snooze_reason="",
        superior=None,
        reached=Reached.NOBODY,
        climbed=[],
    )
    obligation.refresh_from_db()
    note(actor, obligation, What.HANDED_OVER, words=words)


@transaction.atomic
def delegate(actor: Actor | None, obligation: Obligation, person: Person, *, until: datetime, words: str = "") -> None:
    """Somebody of the same places does it, until then; the owner still owes it. Raises Refusal outside the limits."""
    if not candidates.persons(obligation, person).exists():
        raise _outside()
    if not clock.now() < until <= clock.now() + LONGEST_DELEGATION:
        says = _("A delegation ends within 90 days, and in the future.")
        raise Refusal(says, _("Choose another day."), fields={"until": says})
    _require_open(obligation)
    Obligation.objects.filter(pk=obligation.pk).update(delegated_to=person, delegated_until=until)
    obligation.refresh_from_db()
    note(actor, obligation, What.DELEGATED, words=words)


@transaction.atomic
def recall(actor: Actor | None, obligation: Obligation) -> None:
    """End the delegation: the owner does it themselves again."""
    _require_open(obligation)
    if obligation.delegated_to_id is None:
        return
    Obligation.objects.filter(pk=obligation.pk).update(delegated_to=None, delegated_until=None)
    obligation.refresh_from_db()
    note(actor, obligation, What.HANDED_OVER)


@transaction.atomic
def snooze(actor: Actor | None, obligation: Obligation, *, until: datetime, reason: str) -> None:
    """Put it off with a reason. What can hurt people can't be put off beyond its time."""
    _require_open(obligation)
    last = clock.now() + LONGEST_SNOOZE
    if obligation.danger >= Danger.RISK:
        last = min(last, obligation.due_at)
    if not reason.strip():
        says = _("Say in a few words why it has to wait.")
        raise Refusal(says, fields={"reason": says})
    if not clock.now() < until <= last:
        says = _("It can be put off by 14 days at most; what can hurt people not beyond its time.")
        raise Refusal(says, _("Choose an earlier moment, or hand it over."), fields={"until": says})
    next_at = moment(obligation.policy, obligation.step, until)
    Obligation.objects.filter(pk=obligation.pk).update(
        snoozed_until=until, snooze_reason=reason.strip()[:200], next_at=next_at
    )
    obligation.refresh_from_db()
    note(actor, obligation, What.SNOOZED, words=reason)


def _require_open(obligation: Obligation) -> None:
    held = Obligation.objects.select_for_update(of=("self",)).get(pk=obligation.pk)
    if not held.is_open:
        raise already(held)
    obligation.refresh_from_db()


def _outside() -> Refusal:
    return Refusal(
        _("That lies outside the places of this post."),
        _("Choose a post or a person of the same place or below it."),
    )
