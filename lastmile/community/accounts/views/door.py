"""Log in, log out, choose a password, see who I am here."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.accounts import actions, queries, second, sessions, signin
from lastmile.community.accounts.forms import LoginForm, PasswordForm
from lastmile.community.accounts.models import User
from lastmile.kernel.doors import public, signed_in
from lastmile.kernel.errors import Refusal


def safe_next(request: HttpRequest) -> str:
    """The page to go on to: on this site only, never an address that somebody put into a link."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else settings.LOGIN_REDIRECT_URL


@public("the log-in page itself")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    target = safe_next(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = LoginForm(request.POST or None)
    refusal, status = None, 200
    if form.is_valid():
        try:
            user = signin.enter(request, form.cleaned_data["username"], form.cleaned_data["password"])
            return redirect(target if user else f"{reverse('login_code')}?{urlencode({'next': target})}")
        except Refusal as said:
            refusal, status = said, said.status
    context = {"form": form, "refusal": refusal, "next": target}
    return render(request, "accounts/login.html", context, status=400 if form.errors else status)


@public("leaving is always allowed")
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    signin.leave(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@signed_in
@sensitive_post_parameters("old", "new", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    user = queries.me(request)
    form = PasswordForm(user, request.POST or None)
    if form.is_valid():
        actions.change_password(user, form.cleaned_data["new"])
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is changed. Other sessions of yours have ended."))
        return redirect(reverse("account"))
    context = {"form": form, "forced": user.must_change_password}
    return render(request, "accounts/password.html", context, status=400 if form.errors else 200)


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    user: User = queries.me(request)
    context = {
        "second": second.of(user),
        "sessions": sessions.of(user, request.session.session_key),
        "roles": queries.my_roles(user),
        "visits": queries.visits(user),
        "title": user.display_name,
    }
    return render(request, "accounts/account.html", context)


@signed_in
@require_POST
def end_session(request: HttpRequest, name: str) -> HttpResponse:
    """Log a device of one's own out; "others" are all but this one."""
    user = queries.me(request)
    if name == "others":
        sessions.end_all(user, by=user, keep=request.session.session_key)
    else:
        sessions.end(user, name)
    messages.success(request, _("Logged out there."))
    return redirect("account")
