"""What is owed in an area and why it is late: by place, kind and cause, never by person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.duties import queries
from lastmile.duties.queries.area import statistics
from lastmile.duties.views import lists
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm


@require_GET
@needs(Perm.DUTY_READ)
def numbers(request: HttpRequest) -> HttpResponse:
    """How many are open and late, below the place that is looked at."""
    found = statistics(actor(request), request.GET.get("place", "")[:15])
    return render(request, "duties/numbers.html", {"title": _("What is owed, and why it is late"), "found": found})


@require_GET
@needs(Perm.DUTY_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """The open obligations themselves, to search and export."""
    rows = queries.in_area(actor(request), request.GET.get("place", "")[:15])
    page = lists.area(request, rows)
    return page.response(
        request,
        title=_("Open obligations"),
        empty_title=_("Nothing is open here."),
        empty_hint=_("Obligations come from warnings, checklists and duties of the posts below you."),
    )
