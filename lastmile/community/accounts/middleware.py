"""A log-in lasts while it is used, and nobody works under a password that somebody else has chosen."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed
from lastmile.kernel.refusals import as_json

ALLOWED = ("password", "logout", "set_language")
SLIDE = 60  # seconds; a live page asks every two, and saving a session each time cost it a tenth of its time
SLID = "slid_at"


class SlidingSessionMiddleware:
    """Puts the end of a used log-in off, at most once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(clock.now().timestamp())
            if abs(now - request.session.get(SLID, 0)) >= SLIDE:
                request.session[SLID] = now
        return self.get_response(request)


class PasswordMiddleware:
    """Sends a log-in with a temporary password to the page where it chooses its own, whatever it asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and self._must_change(request):
            return self._send(request)
        return self.get_response(request)

    def _must_change(self, request: HttpRequest) -> bool:
        if request.path in [reverse(name) for name in ALLOWED] or not request.user.is_authenticated:
            return False
        return bool(request.user.must_change_password)

    def _send(self, request: HttpRequest) -> HttpResponse:
        page = reverse("password")
        if request.path.startswith("/api/"):
            return as_json(NotAllowed(_("Choose a password of your own first."), _("Open the console and log in.")))
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": page})
        return redirect(page)
