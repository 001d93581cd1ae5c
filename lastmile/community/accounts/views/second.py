"""The second factor: asked at log-in, set up by its owner, taken away by a security administrator."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.accounts import queries, second, signin
from lastmile.community.accounts.forms import CodeForm
from lastmile.community.accounts.models import User
from lastmile.community.accounts.views.door import safe_next
from lastmile.kernel import limits
from lastmile.kernel.doors import needs, public, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


@public("the second step of the log-in; without a right password before it leads back to the first")
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for the code of their phone."""
    target, user = safe_next(request), signin.waiting(request)
    if user is None:
        return redirect(target if request.user.is_authenticated else reverse("login"))
    form = CodeForm(request.POST or None)
    refusal, status = None, 200
    if form.is_valid():
        try:
            signin.prove(request, user, form.cleaned_data["code"])
            return redirect(target)
        except Refusal as said:
            refusal, status = said, said.status
    context = {"form": CodeForm(), "refusal": refusal, "next": target, "errors": form.errors}
    return render(request, "accounts/code.html", context, status=400 if form.errors else status)


@signed_in
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Set it up, prove it in this session, make new recovery codes, or take it away."""
    user = queries.me(request)
    form, refusal, status = CodeForm(request.POST or None), None, 200
    if form.is_valid():
        try:
            return _act(request, user, form.cleaned_data["code"])
        except Refusal as said:
            refusal, status = said, said.status
    context = _page(request, user) | {"form": CodeForm(), "refusal": refusal, "errors": form.errors}
    return render(request, "accounts/second.html", context, status=400 if form.errors else status)


def _act(request: HttpRequest, user: User, code: str) -> HttpResponse:
    limits.take(f"second:{user.pk}", 10)
    if "key" in request.POST:
        codes = second.confirm(user, second.offered(user, request.POST["key"]), code)
    elif "renew" in request.POST:
        codes = second.renew_codes(user, code)
    elif "remove" in request.POST:
        second.remove(user, code)
        request.session.pop(signin.PROVEN, None)
        messages.success(request, _("The second factor is taken away."))
        return redirect("second" if second.required(user) else "account")
    else:
        second.check(user, code)
        request.session[signin.PROVEN] = True
        return redirect("account")
    request.session[signin.PROVEN] = True
    return render(request, "accounts/recovery.html", {"codes": codes, "title": _("Recovery codes")})


def _page(request: HttpRequest, user: User) -> dict[str, Any]:
    factor = second.of(user)
    context: dict[str, Any] = {"title": _("Second factor"), "factor": factor, "required": second.required(user)}
    if factor is not None:
        return context | {"left": second.codes_left(user), "proven": bool(request.session.get(signin.PROVEN))}
    secret, signed = _key(request, user)
    picture = segno.make(second.address(user, secret), error="m").svg_data_uri(scale=5, border=2, light="#fff")
    groups = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    return context | {"picture": picture, "groups": groups, "signed": signed}


def _key(request: HttpRequest, user: User) -> tuple[str, str]:
    """After a slip the same key again: the app has it already."""
    try:
        return second.offered(user, request.POST.get("key", "")), request.POST["key"]
    except Refusal:
        return second.offer(user)


@needs(Perm.USER_EDIT)
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    person = queries.user(queries.me(request), pk)
    second.reset(person, by=queries.me(request))
    messages.success(request, _("Taken away. They set up another phone at their next log-in."))
    return redirect("user", pk)
