"""Close what is over: warnings past their end, and every batch of a closed one that nobody will send any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from lastmile.alerting.lifecycle import TABLE
from lastmile.alerting.models import Alert, AlertEvent, Manifest, Sent, State
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict

AT_ONCE = 500  # batches settled in one transaction
NEVER_SENT = bytes.maketrans(
    bytes([Sent.WAITING, Sent.RETRY, Sent.SENDING]), bytes([Sent.SKIPPED, Sent.SKIPPED, Sent.UNKNOWN])
)


def expire() -> int:
    """The worker's duty: expire, close, settle. How many warnings and batches it moved."""
    return _expire_alerts() + _close_events() + settle()


def _expire_alerts() -> int:
    """A warning in force ends when its event does: what was frozen counts, not the row."""
    now, moved = clock.now(), 0
    for alert in Alert.objects.filter(state=State.ISSUED, event__expires_at__lte=now).select_related("event"):
        try:
            with transaction.atomic():
                TABLE.advance(alert, State.EXPIRED, closed_at=now, changed_at=now)
                AlertEvent.objects.filter(alert=alert, closed_at=None).update(closed_at=now)
                audit.record("alerting.expire", place=alert.place_id, obj=alert)
        except Conflict:  # lifted, or expired by another worker, in the meantime
            continue
        moved += 1
    return moved


def _close_events() -> int:
    """Events left open by a warning that is no longer in force."""
    over = Q(expires_at__lte=clock.now()) | ~Q(alert__state=State.ISSUED)
    return AlertEvent.objects.filter(over, closed_at=None).update(closed_at=clock.now())


def settle() -> int:
    """Batches of closed events: who was not told never will be by this one, and who was being told stays unknown."""
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        rows = list(
            Manifest.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(free, due_at__isnull=False, event__closed_at__isnull=False)
            .order_by("id")[:AT_ONCE]
        )
        for row in rows:
            row.states = bytes(row.states).translate(NEVER_SENT)
            row.due_at, row.settled_at, row.lease_until = None, now, None
        Manifest.objects.bulk_update(rows, ["states", "due_at", "settled_at", "lease_until"])
    return len(rows)
