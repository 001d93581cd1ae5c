"""The overview, and the set-up of an empty system."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lastmile.community.accounts.queries import me
from lastmile.kernel.doors import needs, public, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm
from lastmile.site import overview, welcome
from lastmile.site.forms import SetupForm


@signed_in
def _overview(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html", overview.for_user(me(request)) | {"title": _("Overview")})


@needs(Perm.GAPS_READ)
def home_gaps(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home_gaps.html", {"gaps": overview.gap_counts(me(request))})


@public("sends a stranger to the log-in, and the first visitor of an empty system to its set-up")
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated and welcome.is_open():
        return redirect("setup")
    return _overview(request)


@public("only while no log-in exists, and only with the token that the server printed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    token = request.POST.get("token") or request.GET.get("token", "")
    try:
        welcome.check(token)
        form = SetupForm(request.POST or None, initial={"token": token})
        if form.is_valid():
            return render(request, "site/setup_done.html", {"slips": welcome.set_up(**form.chosen())})
    except Refusal as refusal:
        context = {"refusal": refusal, "open": welcome.is_open()}
        return render(request, "site/setup_closed.html", context, status=refusal.status)
    return render(request, "site/setup.html", {"form": form}, status=400 if form.errors else 200)
