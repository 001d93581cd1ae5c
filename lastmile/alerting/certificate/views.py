"""The page of the certificate: its state, the request for another to be downloaded, the form for what came back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastmile.alerting.cap import keys
from lastmile.alerting.certificate import actions
from lastmile.alerting.certificate.forms import InstallForm
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@needs(actions.PERM)
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    who, form = actor(request), InstallForm(request.POST or None, request.FILES or None)
    actions.of_the_system(who)
    if request.method != "POST":
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        actions.install(who, form.certificates())
    except Refusal as refusal:
        return _shown(request, form, refusal=refusal, status=refusal.status)
    messages.success(request, _("Installed. Messages are signed with it from now on."))
    return redirect("certificate:page")


@require_POST
@needs(actions.PERM)
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """The request as a file; its key waits here."""
    return _file(actions.request(actor(request)), "cap-request.pem")


@require_safe
@needs(actions.PERM)
@never_cache
def public(request: HttpRequest) -> HttpResponse:
    """The certificate in use, for those who verify."""
    actions.of_the_system(actor(request))
    return _file(keys.certificate(), "cap-certificate.pem")


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/x-pem-file")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shown(request: HttpRequest, form: InstallForm, *, status: int = 200, **more: Any) -> HttpResponse:
    found = actions.state(actor(request))
    context = {"title": _("Certificate of our messages"), "form": form, "found": found} | more
    return render(request, "alerting/certificate/page.html", context, status=status)
