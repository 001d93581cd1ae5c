"""Pages of the security administrator: log-ins, roles at places, who holds what."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.accounts import actions, lists, passwords, persons, queries, second, sessions
from lastmile.community.accounts.forms import GrantForm, UserForm
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.kernel.doors import needs, signed_in
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm

VERBS = {"lock": actions.lock, "unlock": actions.unlock, "deactivate": actions.deactivate, "activate": actions.activate}


@needs(Perm.USER_READ)
def users(request: HttpRequest) -> HttpResponse:
    actor = queries.me(request)
    new = {"url": reverse("user_new"), "icon": "user-plus", "label": _("New log-in"), "style": "btn-primary"}
    book = {"url": reverse("user_book"), "icon": "upload", "label": _("From a workbook")}
    buttons = [book, new] if actor.scopes(Perm.USER_EDIT) else []
    others = [
        {"url": reverse("holders"), "icon": "sitemap", "label": _("Who holds which role")},
        {"url": reverse("roles"), "icon": "shield", "label": _("What each role may do")},
    ]
    return lists.users(request, actor).response(request, title=_("Log-ins"), actions=others + buttons)


@needs(Perm.USER_READ)
def holders(request: HttpRequest) -> HttpResponse:
    return lists.holders(request, queries.me(request)).response(request, title=_("Who holds which role"))


@signed_in
def roles(request: HttpRequest) -> HttpResponse:
    context = {"roles": queries.role_levels(), "rows": queries.role_table(), "title": _("What each role may do")}
    return render(request, "accounts/roles.html", context)


@needs(Perm.USER_EDIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = UserForm(request.POST or None, initial={"place": request.GET.get("place", "")})
    password = passwords.temporary()
    if form.is_valid():
        try:
            made = _create(queries.me(request), form.cleaned_data, password)
            return render(request, "accounts/secret.html", {"person": made, "secret": password})
        except Refusal as refusal:
            form.add_error(None, f"{refusal.says} {refusal.mend}")
    context = {"form": form, "title": _("New log-in")}
    return render(request, "accounts/user_new.html", context, status=400 if form.errors else 200)


def _create(actor: User, data: dict[str, Any], password: str) -> User:
    place = queries.place(actor, data["place"], Perm.USER_EDIT)
    return actions.create_user(
        data["username"], password, name=data["display_name"], role=Role(data["role"]), place=place, by=actor
    )


@needs(Perm.USER_READ)
def user(request: HttpRequest, pk: int) -> HttpResponse:
    person = queries.user(queries.me(request), pk)
    return _page(request, person, GrantForm())


def _page(request: HttpRequest, person: User, form: GrantForm) -> HttpResponse:
    actor = queries.me(request)
    context = {
        "person": person,
        "state": queries.state(person),
        "label": lists.STATES[queries.state(person)],
        "grants": queries.history(person),
        "visits": queries.visits(person),
        "second": second.of(person),
        "in_use": len(sessions.of(person)),
        "may_edit": bool(actor.scopes(Perm.USER_EDIT)) and actor.pk != person.pk,
        "form": form,
        "title": person.display_name,
    }
    return render(request, "accounts/user.html", context, status=400 if form.errors else 200)


@needs(Perm.USER_EDIT)
@require_POST
def change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor = queries.me(request)
    person = queries.user(actor, pk)
    if verb not in VERBS:
        raise NotFound(_("There is no such address."), _("Go back to the log-in."))
    VERBS[verb](person, by=actor)
    messages.success(request, _("Done: %(name)s is now “%(state)s”.") % _told(person))
    return redirect(reverse("user", args=[pk]))


def _told(person: User) -> dict[str, str]:
    return {"name": person.display_name, "state": str(lists.STATES[queries.state(person)])}


@needs(Perm.USER_EDIT)
@never_cache
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    actor = queries.me(request)
    person = queries.user(actor, pk)
    password = actions.reset_password(person, by=actor)
    return render(request, "accounts/secret.html", {"person": person, "secret": password})


@needs(Perm.USER_EDIT)
@require_POST
def out(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a log-in: a phone is lost, and the password is still good."""
    actor = queries.me(request)
    person = queries.user(actor, pk)
    actions.require_tended(person, actor)
    messages.success(request, _("Logged out on %(n)s devices.") % {"n": sessions.end_all(person, by=actor)})
    return redirect("user", pk)


@needs(Perm.USER_EDIT)
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who is behind the log-in, by their number; an empty one takes it away."""
    actor = queries.me(request)
    person = queries.user(actor, pk)
    persons.join(person, request.POST.get("contact", "").replace("\0", "")[:120], by=actor)
    said = _("Joined: their posts' work is on their list now.") if person.person_id else _("Nobody is joined now.")
    messages.success(request, said)
    return redirect(reverse("user", args=[pk]))


@needs(Perm.GRANT_EDIT)
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    actor = queries.me(request)
    person = queries.user(actor, pk)
    form = GrantForm(request.POST)
    if form.is_valid():
        try:
            place = queries.place(actor, form.cleaned_data["place"], Perm.GRANT_EDIT)
            given = form.cleaned_data
            actions.grant(person, Role(given["role"]), place, by=actor, until=given["until"])
            return redirect(reverse("user", args=[pk]))
        except Refusal as refusal:
            form.add_error(None, f"{refusal.says} {refusal.mend}")
    return _page(request, person, form)


@needs(Perm.GRANT_EDIT)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    ended = actions.end_grant(pk, by=queries.me(request))
    messages.success(request, _("The role has ended."))
    return redirect(reverse("user", args=[ended.user_id]))
