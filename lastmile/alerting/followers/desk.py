"""The page of followers in the console: numbers alone, nobody's address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lastmile.alerting.channels import reasons
from lastmile.alerting.followers import figures
from lastmile.kernel.doors import needs
from lastmile.kernel.permissions import Perm


@require_safe
@needs(Perm.ALERT_READ, Perm.SYSTEM_CONFIGURE)
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    rows = [(one, [(reasons.say(said), times) for said, times in one.reasons]) for one in figures.standings()]
    return render(request, "alerting/followers/page.html", {"title": _("Followers"), "rows": rows})
