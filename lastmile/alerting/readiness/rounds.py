"""The rounds of a plan: when one may go out, whose turn it is, what came back.

1. Once a week, on a working day of the Chinese calendar, in the hours of the plan, and while no real warning is in
   force there: a share of the people, those without a sign for longest first.
2. It goes through the ledger and the workers as a warning does, behind all of them, on an event of its own kind.
3. What comes back is gathered every minute; after two days a round ends, and silence is a result.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.manifest import PART, WAKE
from lastmile.alerting.models import (
    Alert,
    AlertEvent,
    Kind,
    Manifest,
    Probe,
    ReadinessPlan,
    ReadinessRound,
    Sent,
    State,
)
from lastmile.alerting.models.frozen import Frozen, FrozenArea, FrozenAudience
from lastmile.alerting.readiness import wording
from lastmile.alerting.readiness.statements import fetch
from lastmile.alerting.terminals import testing as terminals
from lastmile.duties.recurrence import is_working
from lastmile.kernel import audit, clock, locks

OPEN_FOR = timedelta(days=2)
REST = timedelta(days=28)  # nobody is asked twice within
KEPT = timedelta(days=365)
STATUS = "Test"  # of the frozen event, as CAP calls it


class Turn(NamedTuple):
    contact: int
    person: int
    place: str
    channel: str


@dataclass(frozen=True)
class Wish:
    """What a plan says, also before there is one: for the preview."""

    place: str
    whom: str
    share: int


def channels() -> dict[str, str]:
    """For each kind of contact the first channel in service that sends to it."""
    found: dict[str, str] = {}
    for name in registry.addressed():
        found.setdefault(registry.capabilities(name).contact, name)
    return found


def turns(wish: Wish) -> list[Turn]:
    """Whose turn it would be now."""
    by_kind = channels()
    rows = fetch(
        "turn",
        prefix=f"{wish.place}%",
        everybody=wish.whom == ReadinessPlan.Whom.EVERYBODY,
        kinds=list(by_kind),
        share=wish.share,
        rest=clock.now() - REST,
    )
    return [Turn(contact, person, place, by_kind[kind]) for contact, person, place, kind in rows]


def week_of(at: datetime) -> date:
    day = clock.day_of(at)
    return day - timedelta(days=day.weekday())


class Stand(NamedTuple):
    """A plan, why nothing of it goes out now (empty where it may), and its last round."""

    plan: ReadinessPlan
    waits_for: str
    latest: ReadinessRound | None


def stands(plans: Sequence[ReadinessPlan]) -> list[Stand]:
    """How many plans stand, in two queries."""
    rows = ReadinessRound.objects.filter(plan__in=[plan.pk for plan in plans]).order_by("plan_id", "-id")
    latest = {one.plan_id: one for one in rows.distinct("plan_id").select_related("event")}
    places = warned() if plans else []
    return [Stand(plan, _waits(plan, latest.get(plan.pk), places), latest.get(plan.pk)) for plan in plans]


def waits_for(plan: ReadinessPlan) -> str:
    return stands([plan])[0].waits_for


def _waits(plan: ReadinessPlan, latest: ReadinessRound | None, places: Sequence[str]) -> str:
    now = clock.now()
    if plan.stopped_at is not None:
        return _("It is stopped.")
    if latest is not None and latest.week == week_of(now):
        return _("This week's part has been sent; the next one follows next week.")
    if not is_working(clock.day_of(now)):
        return _("Today is no working day; it goes on with the next one.")
    if not plan.from_hour <= now.astimezone(clock.BEIJING).hour < plan.to_hour:
        return _("It is sent between %(from)d and %(to)d o'clock only.") % {
            "from": plan.from_hour,
            "to": plan.to_hour,
        }
    if any(plan.place_id.startswith(code) or code.startswith(plan.place_id) for code in places):
        return _("A warning is in force here: no test may stand in its way.")
    return ""


def warned() -> list[str]:
    """Where a real warning is open: it holds there, above and below."""
    rows = AlertEvent.objects.filter(closed_at=None, expires_at__gt=clock.now(), frozen__status="Actual")
    return list(rows.values_list("place", flat=True).distinct())


def tick() -> int:
    """The workers' duty: send what is due, gather what came back, end what is over. How much changed."""
    with transaction.atomic():
        if not locks.alone("alerting.readiness"):
            return 0
        due = [plan for plan in _due() if not waits_for(plan)]
        sent = sum(_send(plan) + terminals.ask(plan.place_id, _monday()) for plan in due)
        return sent + harvest() + _close()


def _monday() -> datetime:
    """The beginning of this week."""
    return datetime.combine(week_of(clock.now()), time(), clock.BEIJING)


def _due() -> Sequence[ReadinessPlan]:
    """The nearest plan speaks for a place: those of villages go first, so that nobody is asked by two."""
    plans = ReadinessPlan.objects.filter(stopped_at=None).select_related("place", "by")
    return list(plans.order_by(-Length("place_id"), "place_id"))


def _send(plan: ReadinessPlan) -> int:
    """Write this week's round into the ledger. Returns the number of people."""
    chosen = turns(Wish(plan.place_id, plan.whom, plan.share))
    if not chosen:
        return 0
    event = _event(plan, sorted({turn.channel for turn in chosen}))
    made = ReadinessRound.objects.create(plan=plan, week=week_of(event.sent_at), event=event, people=len(chosen))
    Probe.objects.bulk_create(
        (
            Probe(
                round=made, contact=one.contact, person=one.person, place=one.place, channel=one.channel,
                asked_at=event.sent_at,
            )
            for one in chosen
        ),
        batch_size=5_000,
    )  # fmt: skip
    Manifest.objects.bulk_create(_batches(event, chosen), batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE])
    audit.record("alerting.readiness_sent", place=plan.place_id, obj=event, people=len(chosen))
    return len(chosen)


def _batches(event: AlertEvent, chosen: Sequence[Turn]) -> list[Manifest]:
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in chosen:
        grouped[one.place, one.channel].append(one.person)
    return [
        Manifest(
            event=event,
            place=place,
            channel=channel,
            part=part,
            priority=0,
            person_ids=persons[part * PART : (part + 1) * PART],
            states=bytes([Sent.WAITING]) * len(persons[part * PART : (part + 1) * PART]),
            due_at=event.sent_at,
        )
        for (place, channel), persons in sorted(grouped.items())
        for part in range(-(-len(persons) // PART))
    ]


def _event(plan: ReadinessPlan, used: list[str]) -> AlertEvent:
    now, place = clock.now(), plan.place
    code, ends = f"test-{place.code}-{secrets.token_hex(4)}", now + OPEN_FOR
    text = wording.texts(place.name)
    alert = Alert.objects.create(
        code=code,
        kind=Kind.TEST,
        place=place,
        state=State.ISSUED,
        hazard=Hazard.OTHER,
        colour=Colour.BLUE,
        exercise=True,
        issuers=[place.name],
        headline=text["zh"]["headline"],
        instruction=text["zh"]["instruction"],
        channels=used,
        author=plan.by,
        starts_at=now,
        ends_at=ends,
        created_at=now,
        changed_at=now,
        issued_at=now,
    )
    return AlertEvent.objects.create(
        alert=alert,
        identifier=code,
        place=place.code,
        colour=Colour.BLUE,
        sent_at=now,
        expires_at=ends,
        frozen=_frozen(alert, now, ends),
    )


def _frozen(alert: Alert, now: datetime, ends: datetime) -> Frozen:
    stamps = [at.astimezone(clock.BEIJING).isoformat(timespec="seconds") for at in (now, ends)]
    area = FrozenArea(description=alert.place.name, geocodes=[alert.place_id], polygons=[], circles=[])
    return Frozen(
        identifier=alert.code,
        sender=settings.CAP_SENDER,
        sent=stamps[0],
        status=STATUS,
        msg_type="Alert",
        references=[],
        follows=[],
        kind=Kind.TEST,
        reason="",
        urgent=False,
        hazard=alert.hazard,
        event_code="",
        colour=alert.colour,
        issuers=list(alert.issuers),
        starts=stamps[0],
        ends=stamps[1],
        place=alert.place_id,
        place_name=alert.place.name,
        area=area,
        audience=FrozenAudience(places=[alert.place_id], polygons=[], circles=[], groups=[]),
        channels=list(alert.channels),
        texts=wording.texts(alert.place.name),
        notes={},
    )


def harvest() -> int:
    """Bring the probes of open rounds in line with what came back."""
    ((moved,),) = fetch("harvest", now=clock.now())
    return int(moved)


def _close() -> int:
    """Rounds that are over: who gave no sign is silent. Old probes are forgotten."""
    now = clock.now()
    over = ReadinessRound.objects.filter(closed_at=None, event__expires_at__lte=now)
    waiting = Probe.objects.filter(round__in=over, result=Probe.Result.WAITING)
    waiting.update(result=Probe.Result.SILENT, result_at=now)
    Probe.objects.filter(asked_at__lt=now - KEPT).delete()
    return over.update(closed_at=now)
