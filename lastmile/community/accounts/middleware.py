"""A log-in lasts while it is used; nobody works under a password that somebody else chose, or without a second factor
where one is demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.community.accounts import second, signin
from lastmile.community.accounts.models import User
from lastmile.community.accounts.sessions import SLID
from lastmile.kernel import clock, walls
from lastmile.kernel.errors import NotAllowed
from lastmile.kernel.refusals import as_json

ALLOWED = ("password", "logout", "set_language")
SLIDE = 60  # seconds; a live page asks every two, and saving a session each time cost it a tenth of its time


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


class NothingKeptMiddleware:
    """A page of somebody who is logged in is kept nowhere: not by a proxy, not on the disk of a shared computer, and
    not for whoever presses Back after they have left. A view that knows better says so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers:
            answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer


class WallMiddleware:
    """The database shows a request the places of its log-in and no others, whatever a view forgets (kernel.walls).

    A program's token is known only inside; `apiauth` enters for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        if known:
            user = cast("User", request.user)
            walls.enter(user.places, user.person_id)
        else:
            walls.enter(())
        try:
            return self.get_response(request)
        finally:
            walls.leave()


class FirstThingsMiddleware:
    """Sends a log-in with a temporary password, or without the second factor it needs, to where it sets that right."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            for page, says in self._first(request):
                return self._send(request, page, says)
        return self.get_response(request)

    def _first(self, request: HttpRequest) -> Iterator[tuple[str, NotAllowed]]:
        user = cast("User", request.user)
        if request.path in [reverse(name) for name in ALLOWED]:
            return
        if user.must_change_password:
            says = NotAllowed(_("Choose a password of your own first."), _("Open the console and log in."))
            yield reverse("password"), says
        elif request.path != reverse("second") and second.required(user) and not request.session.get(signin.PROVEN):
            yield reverse("second"), second.missing()

    def _send(self, request: HttpRequest, page: str, says: NotAllowed) -> HttpResponse:
        if request.path.startswith("/api/"):
            return as_json(says)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": page})
        return redirect(page)
