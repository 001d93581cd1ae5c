"""Write the ledger: who is to be told, one row for each grid, channel and part of a thousand people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from lastmile.alerting import area as areas
from lastmile.alerting import target
from lastmile.alerting.audience import Audience
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Cause, Group, Kind
from lastmile.alerting.sql import statement
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal

PART = 1_000  # people in one row at most
WAKE = "lastmile_dispatch"  # the notification that workers listen for
COLOURS = 5


def base_priority(event: AlertEvent) -> int:
    """Higher goes first: the colour in thousands, the danger of a batch (0 to 400) is added. Drills come last."""
    return 0 if event.exercise else (COLOURS - event.colour) * 1_000


def area_of(event: AlertEvent) -> areas.Area:
    """Where a frozen event holds, as places and households are now."""
    return areas.find(_audience(event.frozen["audience"]), event.place)


def write(event: AlertEvent, area: areas.Area | None = None) -> int:
    """Write all batches of a frozen event in the caller's transaction, and wake the workers when it commits.

    `area` is `area_of(event)`, where the caller has it already.

    Returns the number of people with a channel; those without a usable contact stand in the ledger as NO_CONTACT.
    """
    frozen = event.frozen
    audience = _audience(frozen["audience"])
    channels = [name for name in frozen["channels"] if name in registry.in_service()]
    values = target.parameters(area or area_of(event), audience.groups, channels, frozen.get("frail", ""))
    values |= {"event": event.pk, "part": PART, "base": base_priority(event), "now": clock.now()}
    values["follows"] = list(frozen.get("follows", []))
    people = 0
    with connection.cursor() as cursor:
        for name in _statements(frozen):
            cursor.execute(statement(name), values)
            people += cursor.fetchone()[0]
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE])
    return people


def _statements(frozen: dict[str, Any]) -> list[str]:
    """An all-clear or cancellation goes to exactly those told before; an update to its own audience and to those."""
    if frozen.get("kind") in (Kind.LIFT, Kind.CANCEL):
        return ["manifest_told"]
    return ["manifest_write", "manifest_told"] if frozen.get("follows") else ["manifest_write"]


def _audience(frozen: dict[str, object]) -> Audience:
    """What was checked before issue is not checked again: a code retired since must not stop a warning."""
    return Audience(
        places=tuple(frozen["places"]),  # type: ignore[arg-type]  # FrozenAudience, read back from JSON
        polygons=tuple(frozen["polygons"]),  # type: ignore[arg-type]
        circles=tuple((circle[0], circle[1], circle[2]) for circle in frozen["circles"]),  # type: ignore[attr-defined]
        groups=tuple(Group(name) for name in frozen["groups"]),  # type: ignore[attr-defined]
    )


def write_wave(event: AlertEvent, persons: Sequence[int], channel: str) -> int:
    """ "Send again": only these people, on this channel, as the event's next wave. Returns how many will be told.

    People who are not in the event's ledger, or have no usable contact for the channel, are left out.
    """
    return next_wave(event, channel, Cause.AGAIN, "wave_given", persons=list(persons))


def next_wave(event: AlertEvent, channel: str, cause: Cause, name: str, **wanted: Any) -> int:
    """The event's next wave, to the people whom the statement `name` finds with the parameters `wanted`, in one
    statement whatever their number. Raises Refusal for a channel that tells nobody, Conflict when the warning is over.
    """
    if channel not in registry.in_service() or not registry.channel(channel).can.contact:
        raise Refusal(_("“%(name)s” can't be used to send again.") % {"name": channel}, _("Choose another channel."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT closed_at FROM alerting_alertevent WHERE id = %s FOR UPDATE", [event.pk])
        (closed_at,) = cursor.fetchone()
        if closed_at is not None or event.expires_at <= clock.now():
            raise Conflict(_("This warning is no longer in force."), _("Issue an update if people must still be told."))
        values: dict[str, Any] = {
            "event": event.pk,
            "channel": channel,
            "kind": registry.channel(channel).can.contact,
            "cause": cause.value,
            "part": PART,
            "base": base_priority(event),
            "now": clock.now(),
        }
        cursor.execute(statement(name), values | wanted)
        (people,) = cursor.fetchone()
        if people:
            cursor.execute("SELECT pg_notify(%s, '')", [WAKE])
    return int(people)
