"""Responsibility lists: mine across all hats, those of an area, one post's, its versions, workbook in and out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.community.org.models import Post
from lastmile.duties import sheets, shipped
from lastmile.duties.actions import responsibilities as actions
from lastmile.duties.forms.responsibilities import LineFormSet, SheetForm
from lastmile.duties.post_columns import columns, filters
from lastmile.duties.queries import responsibilities as queries
from lastmile.duties.queries.departments import handovers
from lastmile.kernel.doors import actor, needs, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import ListPage, xlsx_response
from lastmile.kernel.permissions import Perm, may


@require_GET
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """Everything the person answers for, across all hats, each duty once."""
    lists = queries.mine(me(request))
    context: dict[str, Any] = {"title": _("My responsibilities"), "lists": lists, "lines": queries.merged(lists)}
    context |= {"to_sign": sum(one.to_sign for one in lists), "person": me(request).person_id}
    return render(request, "duties/lists/mine.html", context)


@require_POST
@signed_in
def sign(request: HttpRequest) -> HttpResponse:
    number = actions.sign(me(request))
    messages.success(request, _("Signed: %(n)s.") % {"n": number} if number else _("There was nothing to sign."))
    return redirect("duty_mine")


@require_GET
@needs(Perm.POST_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Every post of the area and how its list stands; `export=lists` gives all duties as a workbook."""
    page = ListPage(
        request, queries.posts(actor(request)), columns=columns(), filters=filters(),
        search=["title", "place__name"], order=["place", "title"], filename="duty-lists",
    )  # fmt: skip
    if request.GET.get("export") == "lists":
        return xlsx_response("duties", sheets.HEAD, sheets.rows(page.found()))
    scopes = actor(request).scopes(Perm.POST_EDIT)
    context = {"title": _("Responsibility lists"), "may_edit": bool(scopes), "code": min(scopes, key=len, default="")}
    return page.response(request, "duties/lists/list.html", **context)


@require_GET
@needs(Perm.POST_READ)
def post_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One post's list, with its versions."""
    post = org.post(actor(request), pk)
    versions = list(queries.versions(post))
    context = {"title": _("Responsibility list: %(post)s") % {"post": post.title}, "post": post, "versions": versions}
    context |= {"list": next((one for one in versions if one.replaced_at is None), None)}
    context |= {"handovers": handovers(post), "may_edit": may(actor(request), Perm.POST_EDIT, post.place_id)}
    return render(request, "duties/lists/post.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    post = org.post(actor(request), pk, Perm.POST_EDIT)
    forms, refusal = LineFormSet(request.POST or None, initial=_initial(post)), None
    if forms.is_valid():
        try:
            actions.save_list(post, forms.cleaned_data, by=actor(request))
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("In force. The holder is asked to sign it."))
            return redirect("duty_list", pk)
    context = {"title": _("Edit the list: %(post)s") % {"post": post.title}, "post": post, "forms": forms}
    status = 422 if forms.is_bound else 200
    return render(request, "duties/lists/edit.html", context | {"refusal": refusal}, status=status)


def _initial(post: Post) -> list[dict[str, str]]:
    """The list in force, else the shipped one as a proposal."""
    held = queries.in_force(post)
    return held.lines if held else shipped.responsibilities(post)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def upload(request: HttpRequest) -> HttpResponse:
    form, refusal = SheetForm(request.POST or None, request.FILES or None), None
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            number = sheets.read(file.name, file.read(), by=actor(request))
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("Lists put in force: %(n)s.") % {"n": number})
            return redirect("duty_lists")
    context = {"title": _("Responsibility lists from a workbook"), "form": form, "refusal": refusal}
    return render(request, "duties/lists/upload.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Perm.POST_EDIT)
def adopt(request: HttpRequest, code: str) -> HttpResponse:
    """Every post here and below that has no list gets the shipped one."""
    place = org.place(actor(request), code, Perm.POST_EDIT)
    number = actions.adopt(place.code, by=actor(request))
    messages.success(request, _("Posts that got the shipped list: %(n)s.") % {"n": number})
    return redirect("duty_lists")
