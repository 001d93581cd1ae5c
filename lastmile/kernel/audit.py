"""Write the audit trail, and prove that nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
        pk=0,  # the trigger numbers it; a default that is drawn and dropped leaves gaps that look like deletions
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


_REASONS: dict[str, str | Promise] = {
    "an entry before this one was removed or re-ordered": _("an entry before this one was removed or re-ordered"),
    "this entry was altered": _("this entry was altered"),
    "entries at the end were removed": _("entries at the end were removed"),
}


def reason(found: Break) -> str | Promise:
    """The break's reason in the reader's language."""
    return _REASONS.get(found.reason, found.reason)


def head() -> tuple[int, bytes]:
    """The last entry and its digest. Kept outside the database (`lastmile audit verify` prints it), it pins the past:
    whoever could rewrite the whole chain could not make it agree with a digest that lies elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, digest FROM kernel_auditentry WHERE id > (SELECT last_id FROM kernel_audit_head)
               UNION ALL SELECT last_id, digest FROM kernel_audit_head ORDER BY id DESC LIMIT 1"""
        )
        last, digest = cursor.fetchone()
    return last, bytes(digest)


def agrees(entry: int, digest: bytes) -> bool:
    """Whether the entry still has the digest that was noted down."""
    return AuditEntry.objects.filter(pk=entry, digest=digest).exists()


def export(*, since: datetime | None = None, until: datetime | None = None) -> Iterator[dict[str, str | int]]:
    """Every entry as the text its digest covers, so that anybody can recompute sha256(previous + text) without us."""
    sql = """SELECT id, kernel_audit_text(e), encode(previous, 'hex'), encode(digest, 'hex') FROM kernel_auditentry e
             WHERE (%(since)s::timestamptz IS NULL OR at >= %(since)s)
               AND (%(until)s::timestamptz IS NULL OR at < %(until)s) ORDER BY id"""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, {"since": since, "until": until})
        for number, text, previous, digest in cursor:
            yield {"id": number, "text": text, "previous": previous, "digest": digest}
