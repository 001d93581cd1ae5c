"""A table of households in clear: for a reason, with a look noted for every resident in it."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lastmile.community.people.queries import homes
from lastmile.facts.forms import OpenForm
from lastmile.facts.layouts.fill import fill
from lastmile.facts.models import Request
from lastmile.facts.queries import scope, table
from lastmile.facts.views.layouts import download
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm, require


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.PERSON_EXPORT)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    found = scope.own_request(who, pk)
    require(who, Perm.PERSON_EXPORT, found.place_id)
    if not found.is_sealed:
        raise NotFound(_("This table has no personal fields."), _("Export it on the page of the request."))
    layouts = scope.layouts(who).filter(subject=found.subject)
    form = OpenForm(request.POST or None, layouts=[(one.pk, one.title) for one in layouts])
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        try:
            return _file(request, found, form)
        except Refusal as said:
            refusal, status = said, said.status
    context = {"title": _("Names and numbers: %(title)s") % {"title": found.title}, "found": found, "form": form}
    return render(request, "facts/open.html", context | {"refusal": refusal}, status=status)


@transaction.atomic
def _file(request: HttpRequest, found: Request, form: OpenForm) -> HttpResponse:
    """No look is noted for a file that could not be made."""
    who, shown = actor(request), table.lines(found)
    ids = [line.home for line in shown if line.home is not None]
    opened = homes.opened(who, ids, form.cleaned_data["reason"])
    if form.cleaned_data["layout"]:
        layout = scope.layout(who, int(form.cleaned_data["layout"]))
        return download(layout, fill(found, layout, opened))
    table.fill(found, shown, opened)
    return xlsx_response(f"request-{found.pk}", table.export_head(found), table.export_rows(found, shown))
