"""The after-action report as plain data: what happened when, who was reached how fast, and who is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField, Sum
from django.utils.translation import gettext as _

from lastmile.alerting import coverage, findings, reported
from lastmile.alerting.cascade import sums
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.sql import fetch
from lastmile.community.accounts import words
from lastmile.community.org.queries import in_words
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry

LEFT = 500  # people whose doors are listed; the number is always given in full
TOWNSHIP = 9  # digits


def build(event: AlertEvent, prefix: str = "") -> dict[str, Any]:
    """Everything the PDF, the workbook and var/demo.json show; plain JSON, no name in clear."""
    prefix = prefix or event.place
    found = coverage.of(event, prefix)
    points, door_points = coverage.curves(event, prefix)
    return {
        "alert": _alert(event),
        "place": prefix,
        "made_at": _time(clock.now()),
        "people": found.all.as_dict() | {"percent": found.all.percent},
        "vulnerable": found.vulnerable.as_dict() | {"percent": found.vulnerable.percent},
        "households": found.doors.as_dict() | {"percent": found.doors.percent},
        "times_of_households": seconds(coverage.times(found.doors.doors, door_points)),
        "times": seconds(coverage.times(found.all.people, points)),
        "times_of_told": seconds(coverage.times(found.all.told, points)),
        "curve": _by_minute(points),
        "places": _places(event, prefix),
        "reported": reported.plain(event, prefix, found),
        "channels": [vars(row) for row in coverage.channels(event, prefix)],
        "waves": _waves(event),
        "handed_over_again": _number("told_twice", event=event.pk),
        "calls": sums.of(event, prefix),
        "needs_help": found.all.needs_help,
        "left": _left(event, prefix),
        "timeline": _timeline(event),
        "findings": _stood_still(event),
    }


def seconds(times: coverage.Times) -> dict[str, dict[str, float | None]]:
    """Seconds from issue until 50, 90 and 99 percent; None where it has not come to that."""
    return {
        "confirmed": {f"t{share}": seconds for share, seconds in times.confirmed.items()},
        "delivered": {f"t{share}": seconds for share, seconds in times.delivered.items()},
    }


def _alert(event: AlertEvent) -> dict[str, Any]:
    frozen, alert = event.frozen, event.alert
    return {
        "code": alert.code,
        "identifier": event.identifier,
        "headline": frozen["texts"]["zh"]["headline"],
        "issuers": frozen["issuers"],
        "colour": event.colour,
        "hazard": frozen["hazard"],
        "exercise": frozen.get("status") == "Exercise",
        "state": alert.state,
        "sent_at": _time(event.sent_at),
        "expires_at": _time(event.expires_at),
        "closed_at": _time(event.closed_at) if event.closed_at else None,
        "place_name": frozen["place_name"],
    }


def _time(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")


def _by_minute(points: list[tuple[int, int, int]]) -> list[list[int]]:
    """[minute, delivered, confirmed] at the end of every minute in which something changed."""
    last: dict[int, list[int]] = {}
    for seconds, delivered, confirmed in points:
        minute = -(-seconds // 60)
        last[minute] = [minute, delivered, confirmed]
    return list(last.values())


def _places(event: AlertEvent, prefix: str) -> list[dict[str, Any]]:
    length = TOWNSHIP if len(prefix) < TOWNSHIP else coverage.child_length(prefix)
    rows = coverage.children(event, prefix, length)
    return [
        {"code": row.code, "name": row.name, "vulnerable": row.vulnerable.people, "percent": row.all.percent}
        | row.all.as_dict()
        | {"households": row.doors.as_dict()}
        for row in rows
    ]


def _waves(event: AlertEvent) -> list[dict[str, Any]]:
    rows = event.manifests.order_by("wave", "channel").values("wave", "channel", "cause")
    size = Func(F("person_ids"), function="cardinality", output_field=IntegerField())
    return [dict(row) for row in rows.annotate(people=Sum(size))]


def _number(name: str, **values: Any) -> int:
    return int(fetch(name, **values)[0][0])


def _left(event: AlertEvent, prefix: str) -> dict[str, Any]:
    """The doors where nobody grown was reached, in walking order, with masked names; at most LEFT people."""
    keys = coverage.unreached(event, prefix, doors=True, limit=LEFT)
    persons = list(Person.objects.filter(pk__in=keys).select_related("household"))
    names = in_words({person.place_id for person in persons})
    doors: dict[tuple[Any, ...], dict[str, Any]] = {}
    for person in persons:
        home = person.household
        key = (person.place_id, home is None, (home.walking_order or 0) if home else 0, home.pk if home else person.pk)
        door = doors.setdefault(
            key,
            {
                "place": person.place_id,
                "place_name": names[person.place_id],
                "door": home.number if home else "",
                "people": [],
                "vulnerable": False,
            },
        )
        door["people"].append(person.name.masked())
        door["vulnerable"] = door["vulnerable"] or person.vulnerable
    found = coverage.of(event, prefix)
    return {
        "people": found.all.unreached,
        "doors": found.doors.unreached,
        "listed": len(persons),
        "households": [doors[key] for key in sorted(doors)],
    }


def _stood_still(event: AlertEvent) -> list[dict[str, Any]]:
    """What the watchdog found while the warning was open; `until` is empty where it still stands still."""
    return [
        {
            "says": spell.finding.says,
            "mend": spell.finding.mend,
            "from": _time(spell.begun),
            "until": _time(spell.until) if spell.until else "",
        }
        for spell in findings.during(event)
    ]


def _timeline(event: AlertEvent) -> list[dict[str, Any]]:
    """What was done about this warning, from the audit trail."""
    wanted = [("alerting.alert", str(event.alert_id)), ("alerting.alertevent", str(event.pk))]
    rows: list[AuditEntry] = []
    for kind, key in wanted:
        rows += AuditEntry.objects.filter(object_type=kind, object_id=key).exclude(action="alerting.receipt")
    return [
        {"at": _time(row.at), "who": str(words.actor(row)), "what": row.action, "says": _words(row)}
        for row in sorted(rows, key=lambda row: row.pk)
    ]


def _words(row: AuditEntry) -> str:
    known = {
        "alerting.draft": _("drafted"),
        "alerting.submit": _("submitted for approval"),
        "alerting.approved": _("approved"),
        "alerting.returned": _("returned with reasons"),
        "alerting.approved_after": _("approved after issue"),
        "alerting.objected_after": _("objected to after issue"),
        "alerting.issue": _("issued"),
        "alerting.note": _("local note added"),
        "alerting.note_withdrawn": _("local note withdrawn"),
        "alerting.follow_up": _("follow-up message begun"),
        "alerting.expire": _("expired"),
    }
    if row.action == "alerting.fallback":
        return _("%(n)d people told on %(channel)s by itself, because another channel had failed") % {
            "n": row.detail.get("people", 0),
            "channel": row.detail.get("channel", ""),
        }
    if row.action == "alerting.resend":
        return _("sent again to %(n)d people by %(channel)s") % {
            "n": row.detail.get("people", 0),
            "channel": row.detail.get("channel", ""),
        }
    return known.get(row.action) or str(words.of(row.action))
