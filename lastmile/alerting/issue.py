"""Issue a warning in one transaction: freeze it, write down whom to tell and call, close what it follows, wake all."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import area as areas
from lastmile.alerting import lint, manifest, owed, policy, queries, signals, texts
from lastmile.alerting.cascade import opening
from lastmile.alerting.lifecycle import BECOMES, TABLE, require_issuable
from lastmile.alerting.models import WARNS, Alert, AlertEvent, Kind, State
from lastmile.alerting.models.frozen import Frozen, FrozenArea, FrozenAudience
from lastmile.community.org.models import Place
from lastmile.duties.actions.checklists import after_warning
from lastmile.kernel import audit, clock, walls
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor

MSG_TYPE = {Kind.ALERT: "Alert", Kind.UPDATE: "Update", Kind.LIFT: "Cancel", Kind.CANCEL: "Cancel"}
NAMED = 8  # places named in the area's description


@walls.opened("everybody in the area of a warning is told")
@transaction.atomic
def issue(actor: Actor, alert: Alert, *, urgent: bool = False, version: int | None = None) -> AlertEvent:
    """Send it on its way, approved, or `urgent` where the rule of its colour allows that. Nothing can edit it after."""
    held = Alert.objects.select_for_update(of=("self",)).select_related("place", "replaces").get(pk=alert.pk)
    # numbers identifiers of one place one after the other
    Place.objects.select_for_update(no_key=True).get(pk=held.place_id)
    if version is not None and version != held.version:
        raise Conflict(_("This warning was changed after you opened it."), _("Reload the page and read it again."))
    approved = held.state == State.APPROVED
    require_issuable(actor, held, urgent=urgent)
    lint.require_complete(held, texts.render(held))
    now = clock.now()
    _supersede(held, now)
    TABLE.advance(
        held, State.ISSUED, issued_at=now, issued_by=actor.pk, changed_at=now, urgent=not approved, version=held.version
    )
    event = AlertEvent(
        alert=held,
        identifier=_identifier(held, now),
        place=held.place_id,
        colour=held.colour,
        sent_at=now,
        expires_at=held.ends_at or now,  # never None here: an end is one of the required facts
    )
    return _send(actor, event, held)


def _send(actor: Actor, event: AlertEvent, held: Alert) -> AlertEvent:
    event.frozen = freeze(event, held)
    event.ladder = opening.freeze(event)
    event.save(force_insert=True)
    area = manifest.area_of(event)
    recipients = manifest.write(event, area)  # wakes the workers at commit
    calls = opening.opened_at_issue(actor, event, area)
    audit.record(
        "alerting.issue_urgent" if held.urgent else "alerting.issue",
        actor=actor,
        place=held.place_id,
        obj=held,
        identifier=event.identifier,
        recipients=recipients,
        calls=calls,
    )
    owed.issued(actor, held)
    signals.issued.send(AlertEvent, event=event, actor=actor)
    if held.kind in WARNS and not held.exercise:
        after_warning(
            key=str(queries.chain(held)[-1].pk),
            hazard=held.hazard,
            colour=held.colour,
            places=areas.touched(area),
            why=held.headline,
        )
    return event


def _supersede(held: Alert, now: datetime) -> None:
    """The message this one follows is closed, with everything of it that has not been sent."""
    if held.replaces is None:
        return
    TABLE.advance(held.replaces, BECOMES[Kind(held.kind)], closed_at=now, changed_at=now)
    AlertEvent.objects.filter(alert=held.replaces, closed_at=None).update(closed_at=now)


def _identifier(held: Alert, now: datetime) -> str:
    """ZZZZZZDDDUUUXX_YYYYMMDDhhmmss: division, unit, Beijing time; _N for a second one in the same second."""
    local = now.astimezone(clock.BEIJING)
    base = f"{held.place.national_code[:6].ljust(6, '0')}{settings.CAP_UNIT}_{local:%Y%m%d%H%M%S}"
    taken = set(AlertEvent.objects.filter(identifier__startswith=base).values_list("identifier", flat=True))
    return base if base not in taken else next(f"{base}_{n}" for n in range(1, 1000) if f"{base}_{n}" not in taken)


def freeze(event: AlertEvent, alert: Alert) -> Frozen:
    """Everything the message says, as plain JSON that needs nothing else."""
    earlier = list(AlertEvent.objects.filter(alert__in=[one.pk for one in queries.chain(alert)[1:]]).order_by("id"))
    return Frozen(
        identifier=event.identifier,
        sender=settings.CAP_SENDER,
        sent=stamp(event.sent_at),
        status="Exercise" if alert.exercise else "Actual",
        msg_type=MSG_TYPE[Kind(alert.kind)],
        references=[f"{e.frozen['sender']},{e.identifier},{e.frozen['sent']}" for e in earlier],
        follows=[e.pk for e in earlier],
        kind=alert.kind,
        reason=alert.reason,
        urgent=alert.urgent,
        hazard=alert.hazard,
        event_code=alert.event_code,
        colour=alert.colour,
        issuers=[str(name) for name in alert.issuers],
        starts=stamp(alert.starts_at or event.sent_at),
        ends=stamp(event.expires_at),
        place=alert.place_id,
        place_name=alert.place.name,
        area=_area(alert),
        audience=_audience(alert),
        channels=list(alert.channels),
        frail=policy.choose(alert.place_id, alert.hazard, alert.colour).frail,
        texts=texts.render(alert),
        notes=queries.live_notes(alert),
    )


def stamp(at: datetime) -> str:
    """Beijing time with its offset, as CAP wants it: 2021-07-20T09:08:00+08:00."""
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")


def _area(alert: Alert) -> FrozenArea:
    audience = alert.audience
    places = list(Place.objects.filter(pk__in=audience.get("places", [])).order_by("code"))
    polygons = [polygon["coordinates"] for polygon in audience.get("polygons", [])]
    named = "、".join(place.name for place in places[:NAMED])
    if len(places) > NAMED:
        named += f"等{len(places)}处"
    return FrozenArea(
        description=named or f"{alert.place.name}部分区域（见地图）",
        geocodes=[place.national_code for place in places],
        polygons=polygons,
        circles=[list(circle) for circle in audience.get("circles", [])],
    )


def _audience(alert: Alert) -> FrozenAudience:
    """Whom the message itself names; who was told before is added by `follows`."""
    audience = alert.audience
    return FrozenAudience(
        places=list(audience.get("places", [])),
        polygons=list(audience.get("polygons", [])),
        circles=list(audience.get("circles", [])),
        groups=list(audience.get("groups", [])),
    )
