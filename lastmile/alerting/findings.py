"""What stands still, as pages and programs read it: what the watchdog has stored, said in the reader's language.

Only what the watchdog can't see itself is looked for at once: whether any worker runs, and whether it looks at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lastmile.alerting.cap.findings import Finding as CapFinding
from lastmile.alerting.cap.words import WORDS as CAP_WORDS
from lastmile.alerting.channels import reasons, registry
from lastmile.alerting.models import AlertEvent, DutyRun, Standstill, Worker
from lastmile.kernel import clock

DUTY = "watchdog"
PULSE = timedelta(seconds=15)  # a worker that has been silent for longer is not counted on
LATE = timedelta(seconds=60)  # what was found longer ago is not relied on
LISTED = 100  # in a report

Details = dict[str, Any]


class Finding(NamedTuple):
    """One thing that stands still. `where` is an event's key, a channel or a duty: what the page can point to."""

    says: str
    mend: str
    since: datetime | None
    where: str


class Spell(NamedTuple):
    """One thing that stood still for a time; `until` is None while it still does."""

    finding: Finding
    begun: datetime
    until: datetime | None


class Look(NamedTuple):
    """What stands still, and when the watchdog last looked; None where it never did."""

    findings: list[Finding]
    looked_at: datetime | None

    @property
    def age(self) -> int | None:
        """Seconds since then."""
        return None if self.looked_at is None else max(0, round((clock.now() - self.looked_at).total_seconds()))


def current(event: AlertEvent | None = None) -> Look:
    """Everything, or what concerns one event; the worst first."""
    looked_at = DutyRun.objects.filter(name=DUTY).values_list("done_at", flat=True).first()
    rows = Standstill.objects.filter(ended_at=None).order_by("id")
    if event is not None:
        rows = rows.filter(Q(event=None) | Q(event=event))
    return Look([*_nobody_looks(looked_at), *(_finding(row) for row in rows)], looked_at)


def during(event: AlertEvent) -> list[Spell]:
    """What stood still while the event was open and concerned it, in the order of time."""
    rows = Standstill.objects.filter(Q(event=event) | Q(event=None), found_at__lte=event.closed_at or clock.now())
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gte=event.sent_at)).order_by("found_at", "id")[:LISTED]
    return [Spell(_finding(row), row.found_at, row.ended_at) for row in rows]


def alive() -> list[Worker]:
    """Workers that have shown a pulse lately."""
    return list(Worker.objects.filter(seen_at__gte=clock.now() - PULSE).order_by("name"))


def _nobody_looks(looked_at: datetime | None) -> list[Finding]:
    if not alive():
        last = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        says = _("No worker is running: nothing is sent and nothing is counted.")
        mend = _("Start one with “lastmile worker”, and look into its log for why it stopped.")
        return [Finding(says, mend, last, "worker")]
    if looked_at is not None and looked_at < clock.now() - LATE:
        says = _("A worker is running, but nobody has looked for a while whether anything stands still.")
        mend = _("Look into the worker's log for the duty “watchdog”.")
        return [Finding(says, mend, looked_at, f"duty {DUTY}")]
    return []


def _finding(row: Standstill) -> Finding:
    says, mend = WORDS[row.kind](row.details)
    return Finding(says, mend, row.since, row.about)


def words(kind: str, details: Details) -> str:
    """For the log."""
    return " ".join(WORDS[kind](details))


def _duty(details: Details) -> tuple[str, str]:
    return (
        _("The duty “%(name)s” fails: %(error)s") % details,
        _("It is tried again by itself. If this stays, show the worker's log to whoever runs the system."),
    )


def _still(details: Details) -> tuple[str, str]:
    says = ngettext(
        "%(people)d person waits on channel “%(channel)s”, and nothing moves.",
        "%(people)d people wait on channel “%(channel)s”, and nothing moves.",
        details["people"],
    )
    return (
        says % _labelled(details),
        _("Check the channel's page. If it can't be mended soon, send again on another channel."),
    )


def _calls_due(details: Details) -> tuple[str, str]:
    says = ngettext(
        "%(calls)d call of a responsible person is due and does not move.",
        "%(calls)d calls of responsible persons are due and do not move.",
        details["calls"],
    )
    return says % details, _("Check that a worker is running and look into its log for the duty “cascade”.")


def _calls_silent(details: Details) -> tuple[str, str]:
    says = ngettext(
        "%(calls)d post is still silent although somebody should have been there, and nobody looks after it.",
        "%(calls)d posts are still silent although somebody should have been there, and nobody looks after them.",
        details["calls"],
    )
    return says % details, _("Open the command post, take them over, and send somebody or use the radio.")


def _calls_waiting(details: Details) -> tuple[str, str]:
    says = ngettext(
        "%(calls)d call waits on channel “%(channel)s”: none goes out and no line comes free.",
        "%(calls)d calls wait on channel “%(channel)s”: none goes out and no line comes free.",
        details["calls"],
    )
    return says % _labelled(details), _("Check the channel's page, and call by hand from the command post meanwhile.")


def _calls_unreported(details: Details) -> tuple[str, str]:
    says = ngettext(
        "Channel “%(channel)s” rings, but tells of %(calls)d call not how it ended.",
        "Channel “%(channel)s” rings, but tells of none of %(calls)d calls how it ended.",
        details["calls"],
    )
    mend = _("Lines come free late, and keys that people press are lost. Ask whoever runs the telephone exchange.")
    return says % _labelled(details), mend


def _again(details: Details) -> tuple[str, str]:
    return (
        _("A batch on channel “%(channel)s” has been tried %(tries)d times: %(error)s") % _labelled(details),
        _("Check the channel's page; a batch that never goes through needs another channel."),
    )


def _resting(details: Details) -> tuple[str, str]:
    return (
        _("Channel “%(channel)s” failed %(failures)d times in a row and rests: %(error)s") % _labelled(details),
        _("It is tried again by itself. Ask the operator of the gateway, or send again on another channel."),
    )


def _no_channel(details: Details) -> tuple[str, str]:
    return (
        _("Channel “%(channel)s” is no longer in service, but people wait on it.") % details,
        _("Put it back into LASTMILE_CHANNELS, or send again on another channel."),
    )


def _refused(details: Details) -> tuple[str, str]:
    return (
        _("Channel “%(channel)s”: %(bad)d of %(all)d were refused or have an unknown outcome.") % _labelled(details),
        _("Send again to those not reached on another channel, and check the numbers in the list."),
    )


def _behind(_details: Details) -> tuple[str, str]:
    return (
        _("Answers are not being counted: the figures on the coverage page are old."),
        _("Check that a worker is running and look into its log for the duty “fold”."),
    )


def _unlisted(_details: Details) -> tuple[str, str]:
    return (
        _("The doors to knock on have not been listed although it is time."),
        _("Check that a worker is running and look into its log for the duty “visits”."),
    )


def _unapproved(details: Details) -> tuple[str, str]:
    """An urgent issue stays marked until an approver has judged it."""
    return (
        _("“%(headline)s” was issued urgently and no approver has judged it yet.") % details,
        _("An approver must approve it after the fact, or object."),
    )


def _source(details: Details) -> tuple[str, str]:
    code, facts = details["error"].get("code", ""), details["error"].get("facts", {})
    why = str(CapFinding(code, "", facts)) if code in CAP_WORDS else _("it was not asked")
    return (
        _("Warnings of “%(name)s” do not come in: %(why)s") % {"name": details["name"], "why": why},
        _("Look at the source; call whoever sends, and enter by hand what they have."),
    )


def _subscriber(details: Details) -> tuple[str, str]:
    return (
        _("%(n)d messages could not be pushed to “%(name)s” within three days.") % details,
        _("Call whoever runs the subscriber, then push again on its page, or end the subscription."),
    )


def _deployment(details: Details) -> tuple[str, str]:
    told = {"name": details["name"], "why": details["error"] or _("it does not speak to us")}
    if details["side"] == "above":
        return (
            _("What was reached here does not get to “%(name)s”: %(why)s") % told,
            _("It is kept and goes up by itself once the line is back. Check the line; report by telephone meanwhile."),
        )
    return (
        _("“%(name)s” has reported nothing for a long time: %(why)s") % told,
        _("Call them: is their system up, is the line? Their figures are old until then."),
    )


WORDS: dict[str, Callable[[Details], tuple[str, str]]] = {
    "duty": _duty,
    "calls due": _calls_due,
    "calls silent": _calls_silent,
    "calls waiting": _calls_waiting,
    "calls unreported": _calls_unreported,
    "still": _still,
    "again": _again,
    "resting": _resting,
    "no channel": _no_channel,
    "refused": _refused,
    "behind": _behind,
    "unlisted": _unlisted,
    "unapproved": _unapproved,
    "source": _source,
    "subscriber": _subscriber,
    "deployment": _deployment,
}


def _labelled(details: Details) -> Details:
    """With the channel's own word, and a far side's reason in the reader's language."""
    name, error = details["channel"], details.get("error", "")
    name, mark, account = name.partition("#")  # sms#3: the account of a place
    label = registry.labels()[name] if name in settings.CHANNELS and name in registry.in_service() else name
    label = f"{label}{mark}{account}"
    return {**details, "channel": label, "error": reasons.say(error) if error else "–"}
