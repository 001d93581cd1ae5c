"""Write the audit trail, and prove that nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lastmile.kernel import clock, requestinfo
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.statements import Statements

SYSTEM = "system"
SQL = Statements(Path(__file__).parent / "sql")
REMOVED = "an entry before this one was removed"
MOVED = "this entry was moved: it does not follow the one before it"
ALTERED = "this entry was altered"
GONE = "entries at the end were removed"


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
    """The first entry at which the chain does not hold, why, and which entry is the last that stands before it."""

    entry: int
    reason: str
    after: int | None = None


def verify() -> tuple[int, Break | None]:
    """Recompute the whole chain in the database: (entries checked, first break or None)."""
    rows = SQL.fetch("audit_verify")
    if not rows:
        return 0, Break(0, GONE)  # somebody has taken the end away that was noted down
    checked, altered, torn, after, moved, last, missing = rows[0]
    if torn is not None and (altered is None or torn <= altered):
        said = MOVED if moved else ALTERED if altered == torn else REMOVED
        return checked, Break(torn, said, after if said == REMOVED else None)
    if altered is not None:
        return checked, Break(altered, ALTERED)
    return checked, Break(last, GONE) if missing else None


_REASONS: dict[str, str | Promise] = {
    REMOVED: _("an entry before this one was removed"),
    MOVED: _("this entry was moved: it does not follow the one before it"),
    ALTERED: _("this entry was altered"),
    GONE: _("entries at the end were removed"),
}


def reason(found: Break) -> str | Promise:
    """The break's reason in the reader's language; of a removed entry also between which two it stood."""
    said = _REASONS.get(found.reason, found.reason)
    if found.after is None:
        return said
    return gettext("%(said)s (it stood between %(after)d and %(entry)d)") % {
        "said": said,
        "after": found.after,
        "entry": found.entry,
    }


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
