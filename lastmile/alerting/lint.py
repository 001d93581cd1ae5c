"""Read a draft as a tired villager and a careful lawyer would, and say in words what is wrong and how to mend it.

An error stops the message (a required fact is missing, or the fields contradict each other); a warning should be
looked at; a hint helps. The eight required facts are those of 突发事件应对法 art. 64.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from lastmile.alerting import overlap, texts, wording
from lastmile.alerting.channels.parts import parts
from lastmile.alerting.codes import EVACUATION, WEATHER, Colour, Hazard
from lastmile.alerting.models import Alert, Kind
from lastmile.alerting.models.frozen import FrozenText
from lastmile.alerting.wording import Finding, Severity
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT
LONG_HOURS = 72
MANY_PARTS = 3
LONG_HEADLINE = 60

__all__ = ["Finding", "Severity", "check", "require_complete"]


def check(alert: Alert, rendered: dict[str, FrozenText], *, told: int | None = None) -> list[Finding]:
    """Everything worth saying, gravest first. `told` is how many people the audience reaches, where it is known."""
    found = [
        *_facts(alert),
        *_dates(alert),
        *_audience(alert, told),
        *_overlap(alert),
        *_channels(alert),
        *_action(alert),
        *_exercise(alert),
        *_length(alert, rendered),
        *_issuer(alert),
        *wording.check(alert),
    ]
    order = list(Severity)
    return sorted(found, key=lambda finding: order.index(finding.severity))


def require_complete(alert: Alert, rendered: dict[str, FrozenText]) -> None:
    """Raises Refusal with a sentence for each field while there is an error left."""
    errors = [finding for finding in check(alert, rendered) if finding.severity is ERROR]
    if errors:
        raise Refusal(
            _("This warning is not complete yet."),
            _("Mend these points first."),
            fields={finding.field: finding.says for finding in reversed(errors)},
        )


def _facts(alert: Alert) -> Iterator[Finding]:
    """类别 and 级别 are always set, 发布时间 is set at issue; the other five must be written."""
    audience = alert.audience or {}
    if not alert.starts_at:
        yield Finding(ERROR, "starts_at", _("It does not say when it begins."), _("Enter the start."))
    if not alert.ends_at:
        yield Finding(ERROR, "ends_at", _("It does not say when it ends."), _("Enter an end; it can be extended."))
    if not any(audience.get(part) for part in ("places", "polygons", "circles")):
        yield Finding(
            ERROR, "audience", _("It does not say which area is meant."), _("Choose places or draw the area.")
        )
    if not alert.description.strip() and alert.kind not in (Kind.LIFT, Kind.CANCEL):
        yield Finding(
            ERROR, "description", _("It does not say what is coming."), _("Write what happens, when, how bad.")
        )
    if not texts.lines(alert.instruction):
        yield Finding(ERROR, "instruction", _("It does not say what to do."), _("Write the most urgent step first."))
    if not [name for name in alert.issuers if str(name).strip()]:
        yield Finding(ERROR, "issuers", _("It does not say who issues it."), _("Name the issuing unit."))


def _dates(alert: Alert) -> Iterator[Finding]:
    start, end, now = alert.starts_at, alert.ends_at, clock.now()
    if end and end <= now:
        yield Finding(ERROR, "ends_at", _("It ends in the past: nobody would be told."), _("Set a later end."))
    if not start or not end:
        return
    if end <= start:
        yield Finding(ERROR, "ends_at", _("It ends before it begins."), _("Check both times."))
    elif end - start > timedelta(hours=LONG_HOURS):
        yield Finding(
            WARNING,
            "ends_at",
            _("It lasts more than %(hours)s hours; people stop believing it.") % {"hours": LONG_HOURS},
            _("Set a nearer end and update it when you know more."),
        )
    if start < now - timedelta(hours=24):
        yield Finding(WARNING, "starts_at", _("It began more than a day ago."), _("Check the start."))
    if start > now + timedelta(days=7):
        yield Finding(WARNING, "starts_at", _("It begins more than a week from now."), _("Check the start."))


def _audience(alert: Alert, told: int | None) -> Iterator[Finding]:
    if not (alert.audience or {}).get("groups"):
        yield Finding(ERROR, "audience", _("Nobody is chosen to be told."), _("Choose residents, responsible persons…"))
    if told == 0:
        yield Finding(
            ERROR if alert.kind == Kind.ALERT else WARNING,
            "audience",
            _("There is nobody in this area to tell."),
            _("Check the area, or enter the households of this place first."),
        )


def _overlap(alert: Alert) -> Iterator[Finding]:
    for one in overlap.of(alert):
        says = _(
            "“%(headline)s” is in force for the same danger in %(places)s: people there would get a second message."
        )
        yield Finding(
            WARNING,
            "audience",
            says % {"headline": one.other.headline or one.other.code, "places": "、".join(one.names)},
            _("Update that warning instead: everybody hears once more, and what changed. Or leave these places out."),
        )


def _channels(alert: Alert) -> Iterator[Finding]:
    if not alert.channels:
        yield Finding(ERROR, "channels", _("No channel is chosen."), _("Choose at least one way to tell people."))
    elif len(alert.channels) == 1:
        yield Finding(
            WARNING, "channels", _("There is only one channel: if it fails, nobody is told."), _("Add a second one.")
        )


def _action(alert: Alert) -> Iterator[Finding]:
    steps = texts.lines(alert.instruction)
    if not steps or alert.kind in (Kind.LIFT, Kind.CANCEL):
        return
    if not wording.begins_with_action(steps[0]):
        yield Finding(
            WARNING,
            "instruction",
            _("The first step does not begin with something to do: “%(step)s”.") % {"step": steps[0][:30]},
            _("Begin with a verb: leave, stay in, move to, turn off, keep away from…"),
        )
    yield from _where_to(alert, " ".join(steps))
    if not alert.contact.strip():
        yield Finding(WARNING, "contact", _("It does not say whom to call for help."), _("Enter a phone number."))


def _where_to(alert: Alert, steps: str) -> Iterator[Finding]:
    if alert.shelter.strip():
        return
    if wording.speaks_of_moving(steps):
        yield Finding(
            WARNING,
            "shelter",
            _("It tells people to move, but not where to."),
            _("Name the shelter and the way there."),
        )
    elif Hazard(alert.hazard) in EVACUATION and alert.colour <= Colour.ORANGE:
        yield Finding(
            WARNING,
            "shelter",
            _("People may have to leave their homes, but it does not say where to go."),
            _("Name the shelter, or high ground near by."),
        )


def _exercise(alert: Alert) -> Iterator[Finding]:
    words = " ".join((alert.headline, alert.description, alert.instruction))
    if not alert.exercise and "演练" in words:
        yield Finding(
            ERROR,
            "exercise",
            _("The text speaks of an exercise, but this is set to be a real warning."),
            _("Tick “exercise”, or take the word out of the text."),
        )
    if alert.exercise and "演练" not in words:
        yield Finding(
            HINT,
            "exercise",
            _("This is an exercise, and the text does not say so."),
            _("It is marked 【演练】 everywhere by itself; say it in the text too."),
        )


def _length(alert: Alert, rendered: dict[str, FrozenText]) -> Iterator[Finding]:
    count = parts(texts.preview(rendered["zh"]["sms"])).number
    if count > MANY_PARTS:
        yield Finding(
            WARNING,
            "instruction",
            _("The SMS takes %(count)s parts; it may arrive late and torn.") % {"count": count},
            _("Shorten the first step."),
        )
    if len(alert.headline) > LONG_HEADLINE:
        yield Finding(HINT, "headline", _("The headline is long."), _("Keep it under 60 characters."))


def _issuer(alert: Alert) -> Iterator[Finding]:
    if Hazard(alert.hazard) in WEATHER and alert.issuers and not any("气象" in str(name) for name in alert.issuers):
        yield Finding(
            HINT,
            "issuers",
            _("Weather warning signals are issued by the weather service only."),
            _("Name the weather station if you pass its signal on; a government's own warning is fine as it is."),
        )
