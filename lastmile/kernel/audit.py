"""Write the audit trail, and prove that nobody has touched it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from lastmile.kernel import clock, requestinfo
from lastmile.kernel.models import AuditEntry

SYSTEM = "system"


def record(
    action: str,
    *,
    actor: Any = None,
    place: str = "",
    obj: Any = None,
    object_type: str = "",
    object_id: str = "",
    **detail: Any,
) -> None:
    """Append one entry in the caller's transaction. `detail` must be JSON and must not hold personal data."""
    AuditEntry.objects.create(
        at=clock.now(),
        actor=getattr(actor, "pk", None),
        actor_name=str(actor) if actor is not None else SYSTEM,
        action=action,
        place=place,
        object_type=object_type or (obj._meta.label_lower if obj is not None else ""),
        object_id=object_id or (str(obj.pk) if obj is not None else ""),
        detail=detail,
        address=requestinfo.address(),
    )


class Break(NamedTuple):
    """The first entry at which the chain does not hold, and why."""

    entry: int
    reason: str


def verify() -> tuple[int, Break | None]:
    """Recompute the whole chain in the database: (entries checked, first break or None)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT checked, broken_at, reason FROM kernel_audit_verify()")
        checked, broken_at, reason = cursor.fetchone()
    return checked, None if broken_at is None else Break(broken_at, reason)
