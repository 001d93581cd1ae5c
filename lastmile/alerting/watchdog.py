"""Whatever should have moved and did not, in words, with what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lastmile.alerting.channels import registry
from lastmile.alerting.lifecycle import is_pending_after
from lastmile.alerting.models import Alert, AlertEvent, ChannelTally, DutyRun, Manifest, Rest, Worker
from lastmile.alerting.sql import statement
from lastmile.kernel import clock

log = logging.getLogger(__name__)

PULSE = timedelta(seconds=15)  # a worker that has been silent for longer is not counted on
STILL = timedelta(seconds=60)  # a queue that nothing has left for longer stands still
AGAIN = 5  # attempts after which a batch is worth a look
BEHIND = timedelta(seconds=10)  # the counting may be so far behind
BAD_SHARE, BAD_LEAST = 0.05, 20  # refused or unknown: a share of the people on a channel, and so many at least
FORGET = timedelta(hours=1)  # dead workers leave the list


class Finding(NamedTuple):
    """One thing that stands still. `where` is an event's key, a channel or a duty: what the page can point to."""

    says: str
    mend: str
    since: datetime | None
    where: str


def findings(event: AlertEvent | None = None) -> list[Finding]:
    """Everything, or what concerns one event; the worst first."""
    events = AlertEvent.objects.filter(closed_at=None)
    if event is not None:
        events = events.filter(pk=event.pk)
    keys = list(events.values_list("pk", flat=True))
    checks: list[Callable[[], list[Finding]]] = [
        _workers,
        _duties,
        lambda: _still(keys),
        lambda: _again(keys),
        _resting,
        lambda: _no_channel(keys),
        lambda: _refused(keys),
        _behind,
        lambda: _unapproved(event),
    ]
    return [finding for check in checks for finding in check()]


def look() -> int:
    """The worker's duty: say once in the log what has newly been found, and forget workers long gone."""
    Worker.objects.filter(seen_at__lt=clock.now() - FORGET).delete()
    found = findings()
    present = {(finding.where, finding.mend) for finding in found}
    for finding in found:
        if (finding.where, finding.mend) not in _said:
            log.warning("watchdog: %s %s", finding.says, finding.mend)
    _said.clear()
    _said.update(present)
    return len(found)


_said: set[tuple[str, str]] = set()


def alive() -> list[Worker]:
    """Workers that have shown a pulse lately."""
    return list(Worker.objects.filter(seen_at__gte=clock.now() - PULSE).order_by("name"))


def _workers() -> list[Finding]:
    if alive():
        return []
    last = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return [
        Finding(
            _("No worker is running: nothing is sent and nothing is counted."),
            _("Start one with “lastmile worker”, and look into its log for why it stopped."),
            last,
            "worker",
        )
    ]


def _duties() -> list[Finding]:
    return [
        Finding(
            _("The duty “%(name)s” fails: %(error)s") % {"name": duty.name, "error": duty.error},
            _("It is tried again by itself. If this stays, show the worker's log to whoever runs the system."),
            duty.failed_at,
            f"duty {duty.name}",
        )
        for duty in DutyRun.objects.filter(failures__gte=3).order_by("name")
    ]


def _still(events: list[int]) -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(statement("still"), {"events": events, "before": clock.now() - STILL})
        rows: list[tuple[int, str, int, datetime]] = cursor.fetchall()
    return [
        Finding(
            ngettext(
                "%(people)d person waits on channel “%(channel)s”, and nothing moves.",
                "%(people)d people wait on channel “%(channel)s”, and nothing moves.",
                people,
            )
            % {"people": people, "channel": _label(channel)},
            _("Check the channel's page. If it can't be mended soon, send again on another channel."),
            since,
            f"event {event}",
        )
        for event, channel, people, since in rows
    ]


def _again(events: list[int]) -> list[Finding]:
    rows = Manifest.objects.filter(event__in=events, attempts__gte=AGAIN, due_at__isnull=False)
    worst = rows.values("event", "channel").annotate(tries=Sum("attempts"), at=Sum("id")).order_by("-tries")[:10]
    found = []
    for row in worst:
        example = rows.filter(event=row["event"], channel=row["channel"]).order_by("-attempts").first()
        if example is None:
            continue
        values = {"channel": _label(example.channel), "tries": example.attempts, "error": example.error or "–"}
        found.append(
            Finding(
                _("A batch on channel “%(channel)s” has been tried %(tries)d times: %(error)s") % values,
                _("Check the channel's page; a batch that never goes through needs another channel."),
                example.due_at,
                f"event {example.event_id}",
            )
        )
    return found


def _resting() -> list[Finding]:
    return [
        Finding(
            _("Channel “%(channel)s” failed %(failures)d times in a row and rests: %(reason)s")
            % {"channel": _label(rest.channel), "failures": rest.failures, "reason": rest.reason or "–"},
            _("It is tried again by itself. Ask the operator of the gateway, or send again on another channel."),
            rest.since,
            f"channel {rest.channel}",
        )
        for rest in Rest.objects.order_by("channel")
    ]


def _no_channel(events: list[int]) -> list[Finding]:
    waiting = Manifest.objects.filter(event__in=events, due_at__isnull=False).exclude(channel__in=registry.in_service())
    return [
        Finding(
            _("Channel “%(channel)s” is no longer in service, but people wait on it.") % {"channel": channel},
            _("Put it back into LASTMILE_CHANNELS, or send again on another channel."),
            None,
            f"event {event}",
        )
        for event, channel in waiting.values_list("event", "channel").distinct()
    ]


def _refused(events: list[int]) -> list[Finding]:
    tallies = ChannelTally.objects.filter(event__in=events).values("event", "channel")
    found = []
    for row in tallies.annotate(all=Sum("people"), bad=Sum(F("rejected") + F("unknown"))).order_by("event", "channel"):
        if row["bad"] >= BAD_LEAST and row["bad"] >= BAD_SHARE * row["all"]:
            values = {"bad": row["bad"], "all": row["all"], "channel": _label(row["channel"])}
            found.append(
                Finding(
                    _("Channel “%(channel)s”: %(bad)d of %(all)d were refused or have an unknown outcome.") % values,
                    _("Send again to those not reached on another channel, and check the numbers in the list."),
                    None,
                    f"event {row['event']}",
                )
            )
    return found


def _behind() -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(r.entered_at) FROM alerting_pendingreceipt p JOIN alerting_receipt r ON r.id = p.receipt"
        )
        (oldest,) = cursor.fetchone()
    if oldest is None or oldest > clock.now() - BEHIND:
        return []
    return [
        Finding(
            _("Answers are not being counted: the figures on the coverage page are old."),
            _("Check that a worker is running and look into its log for the duty “fold”."),
            oldest,
            "duty fold",
        )
    ]


def _unapproved(event: AlertEvent | None) -> list[Finding]:
    """An urgent issue stays marked until an approver has judged it."""
    condition = Q() if event is None else Q(event=event)
    return [
        Finding(
            _("“%(headline)s” was issued urgently and no approver has judged it yet.") % {"headline": alert.headline},
            _("An approver must approve it after the fact, or object."),
            alert.issued_at,
            f"alert {alert.code}",
        )
        for alert in Alert.objects.filter(is_pending_after(), condition).order_by("issued_at")[:20]
    ]


def _label(channel: str) -> str:
    if channel in settings.CHANNELS and channel in registry.in_service():
        return registry.labels()[channel]
    return channel
