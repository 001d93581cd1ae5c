"""Pages of the auditor: what was done, by whom, and whether anybody touched the record of it."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lastmile.community.accounts import lists, queries, words
from lastmile.community.org.models import Place
from lastmile.kernel import audit
from lastmile.kernel.doors import needs
from lastmile.kernel.limits import limited
from lastmile.kernel.permissions import Perm


@needs(Perm.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponse:
    page = lists.audit(request, queries.me(request))
    return page.response(request, template="accounts/audit.html", title=_("Audit trail"))


@needs(Perm.AUDIT_READ)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.audit_entry(queries.me(request), pk)
    context = {
        "entry": found,
        "who": words.actor(found),
        "act": words.of(found.action),
        "place": Place.objects.filter(code=found.place).first(),
        "detail": json.dumps(found.detail, ensure_ascii=False, indent=2),
        "digest": bytes(found.digest).hex(),
        "previous": bytes(found.previous).hex(),
        "title": _("Audit entry %(id)d") % {"id": found.pk},
    }
    return render(request, "accounts/audit_entry.html", context)


@needs(Perm.AUDIT_READ)
@require_POST
@limited("audit-verify", per_minute=6)
def verify(request: HttpRequest) -> HttpResponse:
    checked, found = audit.verify()
    actor = queries.me(request)
    audit.record("kernel.audit_verified", actor=actor, checked=checked, broken_at=found.entry if found else None)
    if found is None:
        messages.success(request, _("The chain holds: %(n)s entries, none altered or removed.") % {"n": f"{checked:,}"})
    else:
        says = _("The chain is broken at entry %(id)d: %(reason)s. Keep the database as it is and report it at once.")
        messages.error(request, says % {"id": found.entry, "reason": audit.reason(found)})
    return redirect(reverse("audit"))
