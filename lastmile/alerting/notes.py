"""What a township or village adds for its own people; it travels with their part of the warning."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import queries
from lastmile.alerting.models import Alert, AlertEvent, LocalNote, State
from lastmile.community.org.models import Place, ancestors
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

LONGEST = 200


@transaction.atomic
def add(actor: Actor, alert: Alert, place: Place, text: str) -> LocalNote:
    """A note for one place in the actor's scope, on a warning in force; it takes the place of an earlier one there."""
    require(actor, Perm.ALERT_NOTE, place.code)
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise Refusal(
            _("A note has 1 to %(longest)s characters; this has %(count)s.") % {"longest": LONGEST, "count": len(text)},
            _("Say where to go and whom to call."),
            fields={"text": _("length")},
        )
    _require_open(alert)
    if not place.code.startswith(alert.place_id):
        raise Refusal(
            _("%(place)s is not in the area of this warning.") % {"place": place.name}, _("Choose your own place.")
        )
    now = clock.now()
    LocalNote.objects.filter(alert=alert, place=place, withdrawn_at=None).update(withdrawn_at=now)
    note = LocalNote.objects.create(alert=alert, place=place, text=text, author_id=actor.pk, at=now)
    audit.record("alerting.note", actor=actor, place=place.code, obj=alert, note=note.pk)
    return note


@transaction.atomic
def withdraw(actor: Actor, alert: Alert, note: int) -> LocalNote:
    found = (
        LocalNote.objects.select_for_update(of=("self",)).select_related("place").filter(alert=alert, pk=note).first()
    )
    if found is None:
        raise NotFound(_("There is no such note."), _("Reload the page."))
    require(actor, Perm.ALERT_NOTE, found.place_id)
    if found.withdrawn_at is None:
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        audit.record("alerting.note_withdrawn", actor=actor, place=found.place_id, obj=alert, note=found.pk)
    return found


def for_places(event: AlertEvent, codes: Iterable[str]) -> dict[str, str]:
    """The note of each place that has one: its own and those of the places above it, nearest last."""
    wanted = list(codes)
    own = queries.live_notes(event.alert, {above for code in wanted for above in (*ancestors(code), code)})
    found = {}
    for code in wanted:
        said = [own[above] for above in (*ancestors(code), code) if above in own]
        if said:
            found[code] = " ".join(said)
    return found


def _require_open(alert: Alert) -> None:
    if alert.state != State.ISSUED:
        raise Conflict(
            _("A note can be added only while the warning is in force."),
            _("It is “%(state)s” now.") % {"state": alert.get_state_display()},
        )
