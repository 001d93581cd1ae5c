"""The to-do without a network: the page it shows then. It holds nobody's data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.duties.wording import words
from lastmile.kernel.doors import public


@public("the empty page that is shown without a network; the device fills it with its own sealed list")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "duties/offline.html", {"title": _("To do"), "offline": words()})
