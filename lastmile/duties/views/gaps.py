"""The gap radar: counts by place with drill-down and trend, the list behind each count, and mending on the spot."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import queries as org
from lastmile.community.org.models import Place
from lastmile.community.people.filled import filled
from lastmile.duties import gap_table, gaps
from lastmile.duties.actions import gaps as actions
from lastmile.duties.forms.gaps import LimitForm
from lastmile.duties.queries import gaps as queries
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import ListPage, xlsx_response
from lastmile.kernel.permissions import Actor, Perm, require


@require_GET
@needs(Perm.GAPS_READ)
def overview(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    place = _chosen(who, request.GET.get("place", ""))
    table = gap_table.table(who, place)
    if request.GET.get("export") == "xlsx":
        return xlsx_response("gaps", table.head(), table.cells())
    title = _("Gaps of %(place)s") % {"place": place.name} if place else _("Gaps")
    return render(request, "duties/gaps/overview.html", {"title": title, **table.context(who)})


@require_GET
@needs(Perm.GAPS_READ)
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    who = actor(request)
    rule = gaps.get(kind)
    place = _chosen(who, request.GET.get("place", ""))
    rows = gaps.seen(who, rule, place.code if place else "")
    columns = gap_table.columns(who, rule)
    page = ListPage(request, rows, columns=columns, order=rule.order, filename=f"gaps-{kind}")
    title = str(rule.label) if place is None else f"{rule.label} · {place.name}"
    context = {"title": title, "intro": rule.how, "empty_title": _("No such gap here."), "place": place, "rule": rule}
    return page.response(request, "duties/gaps/list.html", **context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.GAPS_READ)
def mend(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The short form that closes one gap; a gap without one, or closed meanwhile, leads on."""
    who, rule = actor(request), gaps.get(kind)
    row = gap_table.one(who, rule, pk)
    if row is None:
        messages.info(request, _("This gap is closed already."))
        return redirect("gap_list", kind)
    if rule.mend is None or not rule.mend.fits(row):
        return redirect(rule.url(row))
    require(who, rule.mend.perm, row.gap_code)
    form, act = rule.mend.form(request.POST if request.method == "POST" else None), rule.mend.act

    def write(data: dict[str, Any]) -> HttpResponse:
        with transaction.atomic():
            act(row, data, who)
        messages.success(request, _("Mended."))
        return redirect("gap_list", kind)

    title = f"{rule.label}: {rule.what(row)}"
    return filled(request, form, write, title=title, back=["gap_list", kind], intro=str(rule.how))


@require_POST
@needs(Perm.GAPS_READ)
def refresh(request: HttpRequest) -> HttpResponse:
    place = _chosen(actor(request), request.POST.get("place", ""))
    actions.refresh(place.code if place else "")
    messages.success(request, _("Counted anew."))
    response = redirect("gaps")
    if place:
        response["Location"] += f"?place={place.code}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def limits(request: HttpRequest, code: str) -> HttpResponse:
    """The numbers above which something becomes a gap in this place and below."""
    who = actor(request)
    place = org.place(who, code, Perm.POST_EDIT)
    form = LimitForm(request.POST or None)
    if form.is_valid():
        rule = gaps.get(request.POST.get("rule", ""))
        actions.set_limit(rule, place, form.cleaned_data["value"], by=who)
        messages.success(request, _("Saved."))
        return redirect("gap_limits", code)
    context = {"title": _("Limits of %(place)s") % {"place": place.name}, "place": place, "form": form}
    context["rules"] = [(gaps.get(name), value) for name, value in queries.limits(code).items()]
    return render(request, "duties/gaps/limits.html", context, status=422 if form.is_bound else 200)


def _chosen(who: Actor, code: str) -> Place | None:
    """The place asked for, else the person's own when it is one. Raises NotFound outside their area."""
    scopes = who.scopes(Perm.GAPS_READ)
    if not code:
        return Place.objects.filter(code=scopes[0]).first() if len(scopes) == 1 else None
    place = Place.objects.filter(code=code).first()
    if place is None or not code.startswith(scopes):
        raise NotFound(_("There is no such place in your area."), _("Go back and choose one of the list."))
    return place
