"""How long each class of data is kept: everybody reads it, the security administrator changes it within the law."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.community.accounts import queries
from lastmile.kernel import retention
from lastmile.kernel.doors import needs, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    who = queries.me(request)
    context = {
        "title": _("How long data is kept"),
        "rows": retention.table(),
        "may_edit": queries.sets_retention(who),
        "certificates": any(who.scopes(perm) for perm in (Perm.ALERT_READ, Perm.AUDIT_READ, Perm.RETENTION_EDIT)),
    }
    return render(request, "accounts/retention.html", context)


@require_POST
@needs(Perm.RETENTION_EDIT)
def change(request: HttpRequest, name: str) -> HttpResponse:
    who = queries.me(request)
    queries.require_retention(who)
    typed = request.POST.get("days", "").strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        raise Refusal(_("Write a number of days."), _("Digits alone, as 30."), fields={"days": _("Write a number.")})
    retention.change(who, name, int(typed))
    messages.success(request, _("The time is changed; the next turn of the job follows it."))
    return redirect("retention")
