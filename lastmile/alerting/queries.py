"""Which warnings a person may see, and one of them only through the permission."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from lastmile.alerting import shipped
from lastmile.alerting.lifecycle import PUBLISHED, is_pending_after
from lastmile.alerting.models import Alert, AlertEvent, Kind, LocalNote, State, Template
from lastmile.community.org.models import Level, Place, ancestors
from lastmile.kernel.errors import NotFound
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Actor, Perm, require, within

# What a person needs to see a message that is not yet out.
BACKSTAGE = (Perm.ALERT_DRAFT, Perm.ALERT_APPROVE, Perm.ALERT_ISSUE)


def visible(actor: Actor) -> QuerySet[Alert]:
    """Everything of the places where the person drafts, approves or issues; what is out of their places and above."""
    behind: set[str] = set()
    for perm in BACKSTAGE:
        behind.update(actor.scopes(perm))
    scopes = actor.scopes(Perm.ALERT_READ)
    above = {code for scope in scopes for code in ancestors(scope)}
    out = (within(scopes, "place__code") | Q(place_id__in=above)) & Q(state__in=PUBLISHED)
    if not scopes:
        return Alert.objects.none()
    rows = Alert.objects.filter(within(tuple(behind), "place__code") | out).exclude(kind=Kind.TEST)
    return rows.select_related("place", "author")


def alert(actor: Actor, code: str, perm: Perm = Perm.ALERT_READ) -> Alert:
    """The warning with this code. 404 if the person may not see it, 403 if they may see it but not do `perm`."""
    found = visible(actor).filter(code=code).first()
    if found is None:
        raise NotFound(
            _("There is no such warning, or it is outside your area."), _("Check the address or go back to the list.")
        )
    if perm is not Perm.ALERT_READ:
        require(actor, perm, found.place_id)
    return found


def event(actor: Actor, code: str) -> AlertEvent:
    """The frozen issue of a visible warning."""
    found = AlertEvent.objects.filter(alert=alert(actor, code)).first()
    if found is None:
        raise NotFound(_("This warning has not been issued."), _("Open it after it has been issued."))
    return found


def in_force(actor: Actor) -> QuerySet[Alert]:
    return visible(actor).filter(state=State.ISSUED)


def to_judge(actor: Actor) -> QuerySet[Alert]:
    """In review or issued urgently without approval, in the places where the person approves."""
    places = within(actor.scopes(Perm.ALERT_APPROVE), "place__code")
    return visible(actor).filter(places & (Q(state=State.REVIEW) | is_pending_after()))


def chain(first: Alert) -> list[Alert]:
    """This message and all it follows, newest first."""
    found, current = [first], first.replaces
    while current is not None:
        found.append(current)
        current = current.replaces
    return found


def after(first: Alert) -> list[AlertEvent]:
    """The issues that have replaced this message since, oldest first."""
    found: list[AlertEvent] = []
    last: Alert | None = first
    while last is not None:
        last = Alert.objects.filter(replaces=last, event__isnull=False).select_related("event").first()
        if last is not None:
            found.append(last.event)
    return found


def template(place: str, hazard: str, colour: int) -> Template:
    """The nearest template up the tree; the shipped one where no place has its own."""
    rows = Template.objects.filter(place_id__in=[place, *ancestors(place)], hazard=hazard, colour=colour)
    return max(rows, key=lambda row: len(row.place_id or ""), default=None) or shipped.template(hazard, colour)


def live_notes(first: Alert, codes: Collection[str] | None = None) -> dict[str, str]:
    """The notes in force on this warning and on the messages it follows, by place; the newest of each place."""
    rows = LocalNote.objects.filter(alert__in=[one.pk for one in chain(first)], withdrawn_at=None)
    if codes is not None:
        rows = rows.filter(place_id__in=codes)
    return dict(rows.order_by("id").values_list("place_id", "text"))


def told(alert: Alert) -> int:
    """How many people the messages before this one were meant for."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [[one.pk for one in chain(alert)[1:]]])
        (count,) = cursor.fetchone()
    return int(count)


TOLD = """
SELECT count(DISTINCT person) FROM alerting_alertevent e JOIN alerting_manifest m ON m.event_id = e.id,
       unnest(m.person_ids) person WHERE e.alert_id = ANY(%s)
"""


def marked(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """With `unjudged`: issued urgently, and no approver has judged it yet."""
    return rows.annotate(
        unjudged=Case(When(is_pending_after(), then=Value(True)), default=Value(False), output_field=BooleanField())
    )


def issuing_places(actor: Actor) -> list[Place]:
    """Counties and cities where the person may draft, the person's own first."""
    return keeping_places(actor, Perm.ALERT_DRAFT)


def keeping_places(actor: Actor, perm: Perm) -> list[Place]:
    """Counties and cities where the person holds a permission, the highest first."""
    places = Place.objects.current().filter(within(actor.scopes(perm), "code"))
    return list(places.filter(level__in=(Level.CITY, Level.COUNTY)).order_by("code"))


def keeping_place(actor: Actor, perm: Perm, code: str | None) -> Place:
    """The one of `keeping_places` with this code. Raises NotFound."""
    found = next((place for place in keeping_places(actor, perm) if place.code == code), None)
    if found is None:
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    return found


def keeping_or_first(actor: Actor, perm: Perm, code: str) -> tuple[Place, list[Place]]:
    """The place asked for, or the highest where none is named, and all of `keeping_places`. Raises NotFound."""
    places = keeping_places(actor, perm)
    return (places[0] if places and not code else keeping_place(actor, perm, code)), places


def issuing_place(actor: Actor, code: str) -> Place:
    """The place with this code, if the person may draft there. Whether it may issue at all is the lifecycle's word."""
    found = Place.objects.current().filter(within(actor.scopes(Perm.ALERT_DRAFT), "code"), code=code).first()
    if found is None:
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    return found


def history(alert: Alert) -> QuerySet[AuditEntry]:
    """What happened to it, oldest first."""
    return AuditEntry.objects.filter(object_type="alerting.alert", object_id=str(alert.pk)).order_by("id")
