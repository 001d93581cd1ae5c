"""What people do with terminals by hand: play again, stop, test."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent, Play, PlayKind, PlayState
from lastmile.alerting.terminals import opening, words
from lastmile.community.org.models import Terminal
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor

TEST_FOR = timedelta(minutes=10)
TEST = 9  # priority
SAME_TEST = timedelta(minutes=2)
EARLIEST, LATEST = 8, 20  # o'clock: never at night


@transaction.atomic
def again(actor: Actor, event: AlertEvent, places: str, plays: list[int] | None = None) -> int:
    """Play it now once more, at the chosen terminals or all under a place. Raises Conflict when the warning is over."""
    _require_in_force(event)
    now = clock.now()
    rows = list(_chosen(event, places, plays).exclude(kind=PlayKind.STOP))
    for row in rows:
        row.serial, row.tries, row.state = row.serial + 1, 0, PlayState.WAITING
        row.due_at, row.until, row.quiet = now, max(row.until, event.expires_at), []
    Play.objects.bulk_update(rows, ["serial", "tries", "state", "due_at", "until", "quiet"])
    audit.record("alerting.terminals_again", actor=actor, place=places, obj=event, terminals=len(rows))
    return len(rows)


@transaction.atomic
def stop(actor: Actor, event: AlertEvent, places: str, plays: list[int] | None = None) -> int:
    """Silence the warning at the chosen terminals, and repeat it there no more."""
    rows = list(_chosen(event, places, plays).exclude(kind=PlayKind.STOP))
    Play.objects.filter(pk__in=[row.pk for row in rows]).update(state=PlayState.STOPPED, due_at=None)
    stops = [opening.stop(row.terminal, event=event, by=actor.pk) for row in rows if row.told_at is not None]
    Play.objects.bulk_create(stops)
    audit.record("alerting.terminals_stopped", actor=actor, place=places, obj=event, terminals=len(rows))
    return len(rows)


def play_test(actor: Actor | None, terminal: Terminal) -> Play:
    """A marked test, quietly, by day only. Raises Refusal at night or out of service, Conflict while one runs."""
    now = clock.now()
    if terminal.closed_on is not None:
        raise Refusal(_("This terminal is out of service."), _("Put it back into service by workbook first."))
    if not EARLIEST <= now.astimezone(clock.BEIJING).hour < LATEST:
        raise Refusal(_("Tests are played by day only."), _("Try again between 8 and 20 o'clock."))
    if Play.objects.filter(terminal=terminal, kind=PlayKind.TEST, opened_at__gt=now - SAME_TEST).exists():
        raise Conflict(_("A test was played here a moment ago."), _("Wait two minutes."))
    row = a_test(terminal, by=actor.pk if actor else None)
    row.save()
    if actor is not None:
        audit.record("alerting.terminal_test", actor=actor, place=terminal.place_id, obj=terminal)
    return row


def a_test(terminal: Terminal, *, by: int | None = None) -> Play:
    now = clock.now()
    return Play(
        terminal=terminal,
        place=terminal.place_id,
        kind=PlayKind.TEST,
        priority=TEST,
        text=words.TEST,
        brief=words.TEST_SHOWN,
        volume=terminal.quietest,
        opened_at=now,
        until=now + TEST_FOR,
        due_at=now,
        by=by,
    )


def _chosen(event: AlertEvent, places: str, plays: list[int] | None) -> QuerySet[Play]:
    rows = Play.objects.select_for_update(of=("self",)).filter(event=event, place__startswith=places)
    rows = rows.select_related("terminal").order_by("pk")
    return rows.filter(pk__in=plays) if plays is not None else rows


def _require_in_force(event: AlertEvent) -> None:
    if event.closed_at is not None or event.expires_at <= clock.now():
        raise Conflict(_("This warning is no longer in force."), _("Issue an update if people must still be told."))
