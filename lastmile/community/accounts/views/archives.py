"""The auditor's archives: a month of the audit trail as a signed file, checked and taken away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lastmile.community.accounts import queries
from lastmile.kernel import archive, audit, seal
from lastmile.kernel.doors import needs
from lastmile.kernel.limits import limited
from lastmile.kernel.permissions import Perm


@require_GET
@needs(Perm.AUDIT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    actor = queries.me(request)
    months = queries.archives(actor) if queries.sees_whole_trail(actor) else []
    context = {
        "title": _("Archives of the audit trail"),
        "months": months,
        "whole": queries.sees_whole_trail(actor),
        "key": seal.public(),
    }
    return render(request, "accounts/archives.html", context)


@require_POST
@needs(Perm.AUDIT_READ)
@limited("audit-verify", per_minute=6)
def verify(request: HttpRequest) -> HttpResponse:
    """Every archive once more. The answer is a message on the page, and an entry of the trail."""
    actor = queries.me(request)
    queries.require_whole_trail(actor)
    fault = archive.verify()
    audit.record("kernel.archives_verified", actor=actor, fault=str(fault) if fault else "")
    if fault is None:
        messages.success(request, _("Every archive is signed, whole, and continues the one before it."))
    else:
        says = _("The archive is broken: %(fault)s. Keep the database as it is and report it at once.")
        messages.error(request, says % {"fault": fault})
    return redirect("audit_archives")


@require_POST
@never_cache
@needs(Perm.AUDIT_READ)
def fetch(request: HttpRequest, month: str, part: str) -> HttpResponse:
    """The file of a month, or its certificate. Taking it away is an act of its own in the trail."""
    actor = queries.me(request)
    found = queries.archive(actor, month)
    wanted: dict[str, Any] = {name.partition(".")[2]: (name, body) for name, body in archive.files(found).items()}
    name, content = wanted["txt.gz" if part == "entries" else "certificate.json"]
    audit.record("kernel.archive_fetched", actor=actor, month=month, part=part)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
