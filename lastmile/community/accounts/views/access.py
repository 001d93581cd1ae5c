"""Who may do what and why, and roles that colleagues hand on to each other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.accounts import access, delegation, lists, queries
from lastmile.community.accounts.forms import HandOnForm, QuestionForm
from lastmile.community.accounts.models import User
from lastmile.community.org import queries as places
from lastmile.kernel.doors import needs, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    user = queries.me(request)
    return _page(request, user, back=reverse("account"))


@needs(Perm.USER_READ)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, queries.user(queries.me(request), pk), back=reverse("user", args=[pk]))


def _page(request: HttpRequest, user: User, *, back: str) -> HttpResponse:
    form = QuestionForm(request.GET if "perm" in request.GET else None)
    answer, status = {}, 400 if form.errors else 200
    if form.is_valid():
        try:
            answer = _answered(queries.me(request), user, form.cleaned_data)
        except Refusal as refusal:
            form.add_error("place", f"{refusal.says} {refusal.mend}")
            status = refusal.status
    context = {
        "bars": access.bars(user),
        "rights": access.rights(user),
        "lacking": access.lacking(user),
        "posts": access.posts(user),
        "form": form,
        "back": back,
        "title": _("What %(name)s may do") % {"name": user.display_name},
    }
    return render(request, "accounts/access.html", context | answer, status=status)


def _answered(actor: User, user: User, asked: dict[str, Any]) -> dict[str, Any]:
    place, perm = queries.place(actor, asked["place"], Perm.PLACE_READ), Perm(asked["perm"])
    return {"asked": perm.label, "place": place, "verdict": access.verdict(user, perm, place)}


@signed_in
def who(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody whose role reaches a place, and by which role; cut to one permission by the filter."""
    place = places.place(queries.me(request), code)
    title = _("Who may do what at %(place)s") % {"place": place.name}
    back = {"url": reverse("place", args=[place.code]), "icon": "arrow-back-up", "label": place.name}
    roles = {"url": reverse("roles"), "icon": "shield", "label": _("What each role may do")}
    return lists.who(request, place).response(request, title=title, actions=[back, roles])


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_on(request: HttpRequest) -> HttpResponse:
    user = queries.me(request)
    form = HandOnForm(user, request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = delegation.hand_on(user, given["grant"], given["to"], given["until"], given["reason"])
            told = {"name": made.user.display_name, "role": made.get_role_display()}
            messages.success(request, _("%(name)s holds “%(role)s” too now. It ends by itself.") % told)
            return redirect("delegations")
        except Refusal as refusal:
            form.add_error(None, f"{refusal.says} {refusal.mend}")
    context = _around(user) | {"form": form, "title": _("Hand a role on")}
    return render(request, "accounts/hand_on.html", context, status=400 if form.errors else 200)


def _around(user: User) -> dict[str, Any]:
    return {
        "around": delegation.around(user),
        "news": delegation.news(user),
        "me": user,
        "colleagues": delegation.colleagues(user)[:100],
        "longest": delegation.LONGEST.days,
    }


@signed_in
@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    delegation.seen(queries.me(request), pk)
    return redirect("home")


@signed_in
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    ended = delegation.end(queries.me(request), pk)
    told = {"name": ended.user.display_name, "role": ended.get_role_display()}
    messages.success(request, _("%(name)s does not hold “%(role)s” any more.") % told)
    return redirect("delegations")
