"""A warning and its updates are one incident: the people ordered under the first stay ordered under the last."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lastmile.alerting.models import WARNS, Alert, AlertEvent, State
from lastmile.kernel.errors import Conflict


def root(event: AlertEvent) -> AlertEvent:
    """The first issue of the warning that this one belongs to."""
    return event if event.warning == event.pk else AlertEvent.objects.select_related("alert").get(pk=event.warning)


def latest(incident: AlertEvent) -> AlertEvent:
    """The last issue of the chain, in force or not."""
    found = incident
    while True:
        after = (
            AlertEvent.objects.select_related("alert").filter(alert__replaces=found.alert_id).order_by("-id").first()
        )
        if after is None:
            return found
        found = after


def in_force(incident: AlertEvent) -> AlertEvent | None:
    """The issue that is in force now; None after the all-clear, and of a test, which nobody is moved for."""
    last = latest(incident)
    alert: Alert = last.alert
    return last if alert.state == State.ISSUED and alert.kind in WARNS else None


def require_force(incident: AlertEvent) -> AlertEvent:
    """The issue in force. Raises Conflict after the all-clear."""
    found = in_force(incident)
    if found is None:
        raise Conflict(
            _("This warning is over; nobody is ordered to a shelter under it any more."),
            _("Check out who is still in the shelters and close them."),
        )
    return found
