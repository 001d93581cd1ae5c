"""What followers are owed: noted by a job after the issue, handed over by a duty for each kind, tried while young.

Claim, commit, send, settle, as everything that leaves the house. It shares nothing with the dispatch of warnings to
residents but the mail server: rows, duties and connections are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from lastmile.alerting import published, signals
from lastmile.alerting.channels.contract import Outcome, What
from lastmile.alerting.followers import letters, pushes
from lastmile.alerting.models import WARNS, AlertEvent, Follower, Kind, Told
from lastmile.kernel import clock, keys
from lastmile.kernel.queue import app
from lastmile.kernel.statements import Statements

fetch = Statements(Path(__file__).parent / "sql").fetch
NOTE: Final = "alerting.note_followers"  # the job, in tasks.py
BATCH: Final = 100
MOST: Final = 2_000  # of one round: then the duty says that it lives
TRIES: Final = 6  # 1, 2, 4, 8, 16 minutes apart: half an hour
DEAD: Final = 3  # messages refused for good, after which an address is destroyed
LEASE: Final = timedelta(minutes=5)  # what a dead worker had in hand is due again
Send = Callable[[Sequence[Told]], list[Outcome]]
SENDERS: dict[str, Send] = {Follower.Kind.MAIL: letters.send, Follower.Kind.PUSH: pushes.send}


def register() -> None:
    signals.issued.connect(on_issue, dispatch_uid="followers.issued")
    keys.register(keys.Index("alerting_follower", "id", "mark", "address", b"follower.address", ("kind", "place")))


def on_issue(event: AlertEvent, **_more: Any) -> None:
    """In the issue's transaction one job, however many follow: an issue must not wait for them.

    Exercises and tests tell nobody outside; nor does what is not for the public page.
    """
    if event.exercise or event.alert.kind == Kind.TEST or "web" not in event.frozen["channels"]:
        return
    app.configure_task(NOTE).defer(event=event.pk)


def note(event: AlertEvent) -> int:
    """Write down who is owed this event: how many. Done again, it adds nobody."""
    notice = published.notice(event)
    places = Follower.objects.exclude(confirmed_at=None).values_list("place", flat=True).distinct()
    values = {
        "event": event.pk,
        "now": clock.now(),
        "sent": event.sent_at,
        "colour": event.colour,
        "places": [code for code in places.order_by("place") if notice.concerns(code)],
        "follows": list(event.frozen.get("follows", [])),
    }
    return len(fetch("note", **values))


def tick(kind: str) -> int:
    """The duty: hand over what is due, a batch at a time. How much was settled or put off."""
    done = 0
    while done < MOST and (claimed := _claim(kind)):
        batch = _still_wanted(claimed)
        if batch:
            _settle(batch, SENDERS[kind](batch))
        done += len(claimed)
    return done


@transaction.atomic
def _claim(kind: str) -> list[Told]:
    now = clock.now()
    due = Told.objects.select_for_update(skip_locked=True, of=("self",)).filter(kind=kind, due_at__lte=now)
    batch = list(due.select_related("follower", "event__alert").order_by("due_at", "id")[:BATCH])
    Told.objects.filter(pk__in=[told.pk for told in batch]).update(due_at=now + LEASE, tries=F("tries") + 1)
    return batch


def _still_wanted(batch: Sequence[Told]) -> list[Told]:
    """What was over before it could go is settled without a word; its update or all-clear has rows of its own."""
    now = clock.now()
    over = [told.pk for told in batch if told.event.alert.kind in WARNS and _over(told.event, now)]
    if over:
        Told.objects.filter(pk__in=over).update(due_at=None, state=Told.State.OVER)
    return [told for told in batch if told.pk not in over]


def _over(event: AlertEvent, now: datetime) -> bool:
    return event.closed_at is not None or event.expires_at <= now


def _settle(batch: Sequence[Told], outcomes: Sequence[Outcome]) -> None:
    pairs = list(zip(batch, outcomes, strict=True))
    sent = [told for told, outcome in pairs if outcome.what is What.ACCEPTED]
    Told.objects.filter(pk__in=[told.pk for told in sent]).update(state=Told.State.SENT, due_at=None, reason="")
    well = [told.follower_id for told in sent if told.follower.failures]
    if well:
        Follower.objects.filter(pk__in=well).update(failures=0)
    for told, outcome in pairs:
        if outcome.what is What.REFUSED:
            _refused(told, outcome)
        elif outcome.what is not What.ACCEPTED:
            _again(told, outcome)


def _refused(told: Told, outcome: Outcome) -> None:
    if outcome.reason == pushes.GONE or told.follower.failures + 1 >= DEAD:
        Follower.objects.filter(pk=told.follower_id).delete()
        return
    Told.objects.filter(pk=told.pk).update(state=Told.State.REFUSED, due_at=None, reason=outcome.reason[:200])
    Follower.objects.filter(pk=told.follower_id).update(failures=F("failures") + 1)


def _again(told: Told, outcome: Outcome) -> None:
    """Later, as the far side asks or twice as long as last time; after the last try it is given up."""
    row, reason = Told.objects.filter(pk=told.pk), outcome.reason[:200]
    if reason in (pushes.UNTRIED, letters.UNTRIED.reason):
        row.update(due_at=clock.now() + timedelta(seconds=outcome.after), tries=told.tries, reason=reason)
        return
    if told.tries + 1 >= TRIES:
        row.update(state=Told.State.REFUSED, due_at=None, reason=reason)
        return
    wait = timedelta(seconds=max(outcome.after, 60 * 2**told.tries))
    row.update(due_at=clock.now() + wait, reason=reason)
