"""The archives of the audit trail for programs: which there are, and whether they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lastmile.community.accounts import queries
from lastmile.community.accounts.apiauth import holding
from lastmile.kernel import archive, audit, limits
from lastmile.kernel.permissions import Perm

router = Router(tags=["accounts"])


class ArchiveOut(Schema):
    month: str
    entries: int
    first: int
    last: int
    digest: str
    certificate: str
    signature: str
    written_at: datetime
    released: bool


class Archives(Schema):
    fault: str


@router.get("/audit/archives", response=list[ArchiveOut], summary="Archived months of the audit trail")
def archives(request: HttpRequest) -> Any:
    """Every archived month, the newest first, with its signed certificate. For auditors of the whole city."""
    actor = queries.me(request)
    holding(actor, Perm.AUDIT_READ)
    return [
        {
            "month": month["name"],
            "entries": month["row"].entries,
            "first": month["row"].first_id,
            "last": month["row"].last_id,
            "digest": month["digest"],
            "certificate": month["row"].certificate,
            "signature": bytes(month["row"].signature).hex(),
            "written_at": month["row"].written_at,
            "released": month["released"],
        }
        for month in queries.archives(actor)
    ]


@router.post("/audit/archives/verify", response=Archives, summary="Verify every archived month")
def verify(request: HttpRequest) -> Any:
    """Check every archive once more; `fault` is empty when all hold."""
    actor = queries.me(request)
    holding(actor, Perm.AUDIT_READ)
    limits.take(f"audit-verify:{actor.pk}", 6)
    queries.require_whole_trail(actor)
    fault = archive.verify()
    audit.record("kernel.archives_verified", actor=actor, fault=str(fault) if fault else "")
    return {"fault": str(fault) if fault else ""}
