"""Write a checklist, let it come round, hand it out to today's holders, and mark what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Level, Post
from lastmile.duties import kinds, recurrence
from lastmile.duties.actions.close import MEND_WITHIN, done
from lastmile.duties.actions.create import New, create, create_many, withdraw
from lastmile.duties.models import Obligation
from lastmile.duties.models.checklist import Checklist, Mark, Round, Sheet
from lastmile.duties.queries.checklists import KIND, items, of_warning, touching
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

MOST_ITEMS, LONGEST = 30, 200
AT_ONCE = 5000  # copies of one statement


@transaction.atomic
def save_checklist(checklist: Checklist, *, by: Actor, **facts: Any) -> Checklist:
    """Write it or change it; rounds that were handed out stay as they were. Raises Refusal for what can't work."""
    for name, value in facts.items():
        setattr(checklist, name, value)
    checklist.items = _checked(checklist.items)
    if checklist.level < Level(checklist.place.level):
        raise Refusal(
            _("The posts must sit at the place itself or below it."),
            _("Choose a lower level."),
            fields={"level": _("Choose a lower level.")},
        )
    if checklist.trigger == Checklist.Trigger.RECURRENCE:
        checklist.first_day = checklist.first_day or clock.today()
        checklist.rule = recurrence.checked(checklist.rule, checklist.first_day)
        checklist.next_at = _next(checklist)
    else:
        checklist.rule, checklist.next_at = "", None
    checklist.save()
    audit.record("duties.save_checklist", actor=by, place=checklist.place_id, obj=checklist)
    return checklist


def _next(checklist: Checklist) -> datetime | None:
    first = checklist.first_day or clock.today()
    return recurrence.upcoming(checklist.rule, first, after=clock.now(), on_holiday=checklist.on_holiday)


def _checked(lines: Sequence[str]) -> list[str]:
    kept = [line.strip() for line in lines if line.strip()]
    if not kept:
        raise Refusal(_("The checklist is empty."), _("Write one thing to look at in each line."))
    if len(kept) > MOST_ITEMS or any(len(line) > LONGEST for line in kept):
        raise Refusal(
            _("A checklist has at most 30 lines of 200 characters; nobody fills in a longer one with care."),
            _("Leave out what nobody needs."),
        )
    return kept


def no_hazard(name: str) -> Refusal:
    says = _("There is no hazard called “%(name)s”.") % {"name": name}
    return Refusal(says, _("Leave the list empty for every hazard."), fields={"hazards": says})


@transaction.atomic
def close_checklist(checklist: Checklist, *, by: Actor) -> None:
    """It comes round no more; what was handed out stays."""
    Checklist.objects.filter(pk=checklist.pk, closed_on=None).update(closed_on=clock.today(), next_at=None)
    audit.record("duties.close_checklist", actor=by, place=checklist.place_id, obj=checklist)


@transaction.atomic
def open_round(
    checklist: Checklist, key: str, *, why: str = "", places: Sequence[str] = (), by: Actor | None = None
) -> Round:
    """Let it come round once by this key; the worker hands it out within seconds."""
    now = clock.now()
    row, new = Round.objects.get_or_create(
        checklist=checklist,
        key=key[:80],
        defaults={
            "why": why[:200],
            "items": checklist.items,
            "places": list(places),
            "opened_at": now,
            "due_at": now + timedelta(hours=checklist.hours),
        },
    )
    if new:
        audit.record("duties.open_round", actor=by, place=checklist.place_id, obj=checklist, key=key[:80])
    return row


def open_by_hand(checklist: Checklist, *, by: Actor) -> Round:
    """Now, once more. Raises Conflict when it is closed."""
    if checklist.closed_on is not None:
        raise Conflict(_("This checklist is closed."), _("Write a new one."))
    return open_round(checklist, f"hand {clock.now():%Y%m%d%H%M}", why=_("by hand"), by=by)


def after_warning(*, key: str, hazard: str, colour: int, places: Sequence[str], why: str) -> int:
    """A warning touches these places: every checklist that waits for such a one comes round there, once.

    An update that touches more places comes round in those alone. Called by the room of warnings in its own
    transaction; writes one row a checklist. Returns how many wait for such a warning.
    """
    here = touching(places, "place_id")
    rows = Checklist.objects.filter(here, trigger=Checklist.Trigger.WARNING, closed_on=None, colour__gte=colour)
    waiting = [row for row in rows if not row.hazards or hazard in row.hazards]
    for row in waiting:
        known = row.rounds.filter(of_warning(f"warning {key}")).values_list("places", flat=True)
        covered = tuple(code for codes in known for code in codes)
        if new := [code for code in places if not code.startswith(covered or ("none",))]:
            open_round(row, f"warning {key} {len(known)}" if known else f"warning {key}", why=why, places=new)
    return len(waiting)


def tick() -> int:
    """The worker's duty: open what is due by the calendar, and hand out every round that waits. Returns how many."""
    return _open_due() + _hand_out_waiting()


@transaction.atomic
def _open_due() -> int:
    now = clock.now()
    due = list(Checklist.objects.select_for_update(skip_locked=True).filter(next_at__lte=now, closed_on=None))
    for checklist in due:
        day = clock.day_of(checklist.next_at) if checklist.next_at else clock.today()
        open_round(checklist, day.isoformat(), why=day.isoformat())
        checklist.next_at = _next(checklist)  # what an outage has missed comes round once, not many times
        checklist.save(update_fields=["next_at"])
    return len(due)


@transaction.atomic
def _hand_out_waiting() -> int:
    rows = Round.objects.select_for_update(skip_locked=True, of=("self",)).filter(handed_out_at=None)
    waiting = list(rows.select_related("checklist")[:5])
    for row in waiting:
        _hand_out(row)
        row.handed_out_at = clock.now()
        row.save(update_fields=["handed_out_at"])
    return len(waiting)


def _hand_out(one: Round) -> None:
    """A copy and an obligation for each post; whoever holds the post owes it."""
    checklist = one.checklist
    posts = Post.objects.filter(place__code__startswith=checklist.place_id, kind=checklist.kind, closed_on=None)
    if checklist.kind != Post.Kind.SITE:  # a special site stands in a grid or in a village
        posts = posts.annotate(digits=Length("place")).filter(digits=CODE_LENGTH[Level(checklist.level)])
    if one.places:
        before = Sheet.objects.filter(of_warning(" ".join(one.key.split()[:2]), "round__"), round__checklist=checklist)
        posts = posts.filter(touching(one.places, "place_id")).exclude(pk__in=before.values("post"))
    wanted = [Sheet(round=one, post=post) for post in posts]
    for start in range(0, len(wanted), AT_ONCE):
        sheets = Sheet.objects.bulk_create(wanted[start : start + AT_ONCE])
        create_many(_owed(one, sheet) for sheet in sheets)


def _owed(one: Round, sheet: Sheet) -> New:
    return New(
        kind=KIND,
        key=str(sheet.pk),
        title=one.checklist.name,
        place=sheet.post.place_id,
        post=sheet.post_id,
        danger=one.checklist.danger,
        basis=one.why or one.checklist.basis,
        due_at=one.due_at,
        detail={"sheet": sheet.pk},
    )


@transaction.atomic
def mark(user: User, sheet: Sheet, number: int, state: str, *, note: str = "") -> None:
    """Say what was found at an item. A problem opens an obligation to mend it; marking it anew withdraws that."""
    if not 0 <= number < len(sheet.round.items) or state not in Mark.State.values:
        raise Refusal(_("There is no such item."), _("Reload the checklist."))
    if state == Mark.State.PROBLEM and not note.strip():
        says = _("Say in a few words what the problem is.")
        raise Refusal(says, _("Do not write names or phone numbers."), fields={"note": says})
    Sheet.objects.select_for_update().get(pk=sheet.pk)
    Mark.objects.create(sheet=sheet, item=number, state=state, note=note.strip()[:200], at=clock.now(), by=user)
    owed = Obligation.objects.filter(kind=KIND, key=str(sheet.pk)).first()
    if state == Mark.State.PROBLEM:
        _to_mend(user, sheet, number, note, owed)
    else:
        withdraw(kinds.PROBLEM.name, f"sheet {sheet.pk}:{number}", actor=user)
    _close_when_full(user, sheet, owed)


def mark_rest(user: User, sheet: Sheet) -> None:
    """Everything not marked yet is in order: one tap."""
    with transaction.atomic():
        for item in items(sheet):
            if item.mark is None:
                mark(user, sheet, item.number, Mark.State.DONE)


def _to_mend(user: User, sheet: Sheet, number: int, note: str, owed: Obligation | None) -> None:
    create(
        actor=user,
        kind=kinds.PROBLEM.name,
        key=f"sheet {sheet.pk}:{number}",
        title=note.strip(),
        place=sheet.post.place_id,
        post=sheet.post_id,
        parent=owed.pk if owed else None,
        danger=max(sheet.round.checklist.danger, kinds.PROBLEM.danger),
        basis=sheet.round.items[number],
        due_at=clock.now() + MEND_WITHIN,
    )


def _close_when_full(user: User, sheet: Sheet, owed: Obligation | None) -> None:
    full = set(sheet.marks.values_list("item", flat=True)) >= set(range(len(sheet.round.items)))
    if full and sheet.closed_at is None:
        sheet.closed_at = clock.now()
        sheet.save(update_fields=["closed_at"])
        if owed is not None and owed.is_open:
            done(user, owed)
