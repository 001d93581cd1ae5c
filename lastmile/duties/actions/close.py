"""Close an obligation: done, not applicable, a problem; and take that back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.duties import kinds, signals
from lastmile.duties.actions.create import create, moment, withdraw_many
from lastmile.duties.actions.note import known, note
from lastmile.duties.lifecycle import TABLE
from lastmile.duties.models import Obligation, State, What
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

UNDO_FOR = timedelta(days=1)
MEND_WITHIN = timedelta(days=3)  # a problem that was found, unless the obligation itself ran longer


@transaction.atomic
def done(
    actor: Actor | None, obligation: Obligation, *, at: datetime | None = None, words: str = "", key: UUID | None = None
) -> Obligation:
    """It is done. `at` is when, `key` the tap: the same tap again changes nothing. Raises Conflict if it is closed."""
    if not known(key):
        _close(actor, obligation, State.DONE, at=at, words=words, key=key)
    return obligation


def settle(kind: str, key: str, *, actor: Actor | None = None) -> bool:
    """The thing itself was done on its own page: close what asked for it; False when nothing open did."""
    found = Obligation.objects.filter(kind=kind, key=key, closed_at=None).first()
    if found is None:
        return False
    done(actor, found)
    return True


@transaction.atomic
def not_applicable(
    actor: Actor | None, obligation: Obligation, *, words: str, at: datetime | None = None, key: UUID | None = None
) -> Obligation:
    """There is nothing to do here, and why. Raises Refusal without a reason, Conflict when it is closed."""
    if not known(key):
        _require_words(words, _("Say in a few words why it does not apply."))
        _close(actor, obligation, State.NOT_APPLICABLE, at=at, words=words, key=key)
    return obligation


@transaction.atomic
def problem(
    actor: Actor | None, obligation: Obligation, words: str, *, at: datetime | None = None, key: UUID | None = None
) -> Obligation:
    """A problem was found: this one is closed, and a new one to mend it is opened for the same owner, and returned."""
    if not known(key):
        _require_words(words, _("Say in a few words what the problem is."))
        number = obligation.events.count()
        if _close(actor, obligation, State.PROBLEM, at=at, words=words, key=key):
            return _to_mend(actor, obligation, number, words)
    return obligation.parts.filter(kind=kinds.PROBLEM.name).latest("pk")


def _to_mend(actor: Actor | None, obligation: Obligation, number: int, words: str) -> Obligation:
    return create(
        actor=actor,
        kind=kinds.PROBLEM.name,
        key=f"{obligation.pk}:{number}",
        title=words.strip(),
        place=obligation.place_id,
        longitude=obligation.longitude,
        latitude=obligation.latitude,
        post=obligation.post_id,
        person=obligation.person_id,
        perm=obligation.perm,
        department=obligation.department,
        parent=obligation.pk,
        danger=max(obligation.danger, kinds.PROBLEM.danger),
        basis=obligation.title,
        due_at=clock.now() + MEND_WITHIN,
    )


@transaction.atomic
def undo(actor: Actor | None, obligation: Obligation, *, key: UUID | None = None) -> Obligation:
    """Take back done, not applicable or problem, within a day; what the problem opened is withdrawn."""
    if known(key):
        return obligation
    obligation.refresh_from_db()
    if obligation.closed_at is None or obligation.state == State.WITHDRAWN:
        raise Conflict(_("There is nothing to take back."), _("Reload the page to see how it stands."))
    if clock.now() - obligation.closed_at > UNDO_FOR:
        raise Conflict(_("This was closed more than a day ago."), _("If it has to be done again, write a new one."))
    again = State.ACCEPTED if obligation.accepted_at else State.OPEN
    next_at = moment(obligation.policy, obligation.step, clock.now())
    TABLE.advance(obligation, again, closed_at=None, closed_by=None, next_at=next_at)
    opened = obligation.parts.filter(kind=kinds.PROBLEM.name, closed_at=None).values_list("key", flat=True)
    withdraw_many(kinds.PROBLEM.name, list(opened), actor=actor)
    note(actor, obligation, What.UNDONE, key=key)
    signals.closed.send(Obligation, obligation=obligation, what=What.UNDONE, actor=actor)
    return obligation


def _close(
    actor: Actor | None, obligation: Obligation, to: State, *, at: datetime | None, words: str, key: UUID | None
) -> bool:
    """False when the same tap has closed it in the meantime."""
    by = getattr(actor, "pk", None)
    try:
        TABLE.advance(obligation, to, closed_at=clock.now(), closed_by=by, next_at=None)
    except Conflict as late:
        if known(key):  # the same tap was on its way twice, and its twin was faster
            return False
        raise already(obligation) from late
    what = What(to.value)
    note(actor, obligation, what, at=at, words=words.strip(), key=key)
    signals.closed.send(Obligation, obligation=obligation, what=what, actor=actor)
    return True


def already(obligation: Obligation) -> Conflict:
    """Somebody was faster: what became of it, in words."""
    closed = obligation.closed_at or obligation.opened_at
    values = {"title": obligation.title, "state": obligation.get_state_display()}
    return Conflict(
        _("“%(title)s” is closed already: %(state)s, %(time)s.")
        % (values | {"time": closed.astimezone(clock.BEIJING).strftime("%m-%d %H:%M")}),
        _("Nothing is left to do. Open it to see who did what."),
    )


def _require_words(words: str, says: str) -> None:
    if not words.strip():
        raise Refusal(says, _("Do not write names or phone numbers."), fields={"words": says})
