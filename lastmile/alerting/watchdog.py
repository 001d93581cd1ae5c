"""Whatever should have moved and did not: looked for by the workers, stored, and read by the pages (see findings)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Min, Sum

from lastmile.alerting import findings
from lastmile.alerting.cascade import stuck
from lastmile.alerting.channels import registry
from lastmile.alerting.lifecycle import is_pending_after
from lastmile.alerting.models import (
    Alert,
    AlertEvent,
    ChannelTally,
    Delivery,
    Deployment,
    DutyRun,
    Manifest,
    Rest,
    Source,
    Standstill,
    VisitRound,
    Worker,
)
from lastmile.alerting.sql import statement
from lastmile.kernel import clock, locks

log = logging.getLogger(__name__)

STILL = timedelta(seconds=60)  # a queue that nothing has left for longer stands still
AGAIN = 5  # attempts after which a batch is worth a look
BEHIND = timedelta(seconds=10)  # the counting may be so far behind
BAD_SHARE, BAD_LEAST = 0.05, 20  # refused or unknown: a share of the people on a channel, and so many at least
FORGET = timedelta(hours=1)  # dead workers leave the list
SILENT_SOURCE = timedelta(minutes=15)  # without a good answer; or three of its intervals
KEEP = timedelta(days=200)  # what ended longer ago is in no report any more


class Found(NamedTuple):
    """One thing that stands still, before it is stored. `details` are what `findings.WORDS` says of the kind."""

    kind: str
    about: str
    details: dict[str, Any]
    since: datetime | None = None
    event: int | None = None

    @property
    def key(self) -> str:
        return f"{self.kind} {self.about} {self.details.get('channel', '')}".strip()

    def as_row(self) -> dict[str, Any]:
        since = self.since.isoformat() if self.since else None
        return {**self._asdict(), "key": self.key, "since": since}


def look() -> int:
    """The workers' duty: look at everything once, and store it. What is new is said in the log. Returns how much stands
    still; 0 where another worker is looking."""
    now = clock.now()
    with transaction.atomic():
        if not locks.alone("alerting.watchdog"):
            return 0
        Worker.objects.filter(seen_at__lt=now - FORGET).delete()
        Standstill.objects.filter(ended_at__lt=now - KEEP).delete()
        found = {one.key: one for one in _everything()}
        fresh = _store(list(found.values()))
        DutyRun.objects.update_or_create(name=findings.DUTY, defaults={"done_at": now, "failures": 0, "error": ""})
    for key in fresh:
        log.warning("watchdog: %s", findings.words(found[key].kind, found[key].details))
    return len(found)


def _everything() -> Iterator[Found]:
    """The worst first."""
    events = list(AlertEvent.objects.filter(closed_at=None).values_list("pk", flat=True))
    checks: list[Callable[[list[int]], Iterator[Found]]] = [
        _duties,
        _calls,
        _still,
        _again,
        _resting,
        _no_channel,
        _refused,
        _behind,
        _unlisted,
        _unapproved,
        _sources,
        _subscribers,
        _deployments,
    ]
    for check in checks:
        yield from check(events)


def _store(found: list[Found]) -> list[str]:
    rows = json.dumps([one.as_row() for one in found], ensure_ascii=False)
    return [key for (key,) in _rows("standstill_store", found=rows, now=clock.now())]


def _rows(name: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _duties(_events: list[int]) -> Iterator[Found]:
    for duty in DutyRun.objects.filter(failures__gte=3).exclude(name=findings.DUTY).order_by("name"):
        yield Found("duty", f"duty {duty.name}", {"name": duty.name, "error": duty.error}, duty.failed_at)


def _calls(events: list[int]) -> Iterator[Found]:
    for one in stuck.look(events):
        about = f"channel {one.channel}" if one.event is None else f"event {one.event}"
        details = {"calls": one.calls} | ({"channel": one.channel} if one.channel else {})
        yield Found(one.kind, about, details, one.since, one.event)


def _still(events: list[int]) -> Iterator[Found]:
    for event, channel, people, since in _rows("still", events=events, before=clock.now() - STILL):
        yield Found("still", f"event {event}", {"channel": channel, "people": people}, since, event)


def _again(events: list[int]) -> Iterator[Found]:
    for event, channel, tries, error, due_at in _rows("again", events=events, least=AGAIN):
        yield Found("again", f"event {event}", {"channel": channel, "tries": tries, "error": error}, due_at, event)


def _resting(_events: list[int]) -> Iterator[Found]:
    for rest in Rest.objects.order_by("channel"):
        details = {"channel": rest.channel, "failures": rest.failures, "error": rest.reason}
        yield Found("resting", f"channel {rest.channel}", details, rest.since)


def _no_channel(events: list[int]) -> Iterator[Found]:
    waiting = Manifest.objects.filter(event__in=events, due_at__isnull=False).exclude(channel__in=registry.in_service())
    for row in waiting.values("event", "channel").annotate(since=Min("due_at")).order_by("event", "channel"):
        yield Found("no channel", f"event {row['event']}", {"channel": row["channel"]}, row["since"], row["event"])


def _refused(events: list[int]) -> Iterator[Found]:
    tallies = ChannelTally.objects.filter(event__in=events).values("event", "channel")
    for row in tallies.annotate(all=Sum("people"), bad=Sum(F("rejected") + F("unknown"))).order_by("event", "channel"):
        if row["bad"] >= BAD_LEAST and row["bad"] >= BAD_SHARE * row["all"]:
            details = {name: row[name] for name in ("channel", "bad", "all")}
            yield Found("refused", f"event {row['event']}", details, None, row["event"])


def _behind(_events: list[int]) -> Iterator[Found]:
    for (entered_at,) in _rows("oldest_uncounted"):
        if entered_at <= clock.now() - BEHIND:
            yield Found("behind", "duty fold", {}, entered_at)


def _sources(_events: list[int]) -> Iterator[Found]:
    """Sources of warnings that are asked and have given no good answer for long: what is not heard is not there."""
    now = clock.now()
    for one in Source.objects.filter(kind=Source.Kind.FEED, enabled=True).order_by("pk"):
        since = one.good_at or one.created_at
        if now - since > max(SILENT_SOURCE, timedelta(seconds=3 * one.interval)):
            yield Found("source", f"source {one.pk}", {"name": one.name, "error": one.error}, since)


def _subscribers(_events: list[int]) -> Iterator[Found]:
    """Pushes that were given up while their subscription still runs."""
    given_up = Delivery.objects.filter(given_up_at__isnull=False, subscription__ended_at=None)
    rows = given_up.order_by("subscription").values("subscription", "subscription__name")
    for row in rows.annotate(since=Min("given_up_at"), n=Count("pk")):
        details = {"name": row["subscription__name"], "n": row["n"]}
        yield Found("subscriber", f"subscription {row['subscription']}", details, row["since"])


def _deployments(_events: list[int]) -> Iterator[Found]:
    """Links to other deployments on which nothing was heard for long."""
    for one in Deployment.objects.filter(state=Deployment.State.ACTIVE).order_by("pk"):
        since = one.seen_at or one.paired_at or one.created_at
        if clock.now() - since > SILENT_SOURCE:
            details = {"name": one.name, "error": one.error, "side": one.side}
            yield Found("deployment", f"deployment {one.pk}", details, since)


def _unlisted(events: list[int]) -> Iterator[Found]:
    """The phones have had their time, and nobody knows yet where to knock."""
    late = VisitRound.objects.filter(event__in=events, filled_at=None, closed_at=None, due_at__lt=clock.now() - STILL)
    for held in late.order_by("due_at"):
        yield Found("unlisted", f"event {held.event_id}", {}, held.due_at, held.event_id)


def _unapproved(_events: list[int]) -> Iterator[Found]:
    rows = Alert.objects.filter(is_pending_after()).select_related("event").order_by("issued_at")[:20]
    for alert in rows:
        details = {"headline": alert.headline}
        yield Found("unapproved", f"alert {alert.code}", details, alert.issued_at, alert.event.pk)
