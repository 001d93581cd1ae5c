"""What all pages of residents have in common: their own cookie, their language, sentences instead of errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.alerting.public.showing import in_language, own, speech
from lastmile.community.people.models import Person
from lastmile.kernel import walls
from lastmile.kernel.errors import Refusal
from lastmile.modules.mydata.actions.proof import GOOD_FOR, SESSION
from lastmile.modules.mydata.models import Session
from lastmile.modules.mydata.queries import session

ME, CODE = "me", "me_code"
PATH = "/me/"
View = Callable[..., HttpResponse]


class NotProven(Refusal):
    """The session is over, or there was none."""

    status = 403


def spoken(view: View) -> View:
    """In the reader's language; a refusal is a small page of its own, never the console's."""

    @in_language
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with walls.opened("a resident has no places; the code to their phone says whose rows these are"):
                return view(request, *args, **kwargs)
        except Refusal as refusal:
            response = own(request, "mydata/refused.html", {"refusal": refusal}, status=refusal.status)
            if refusal.status == 429:
                response["Retry-After"] = "60"
            return response

    return answered


def present(request: HttpRequest) -> Session | None:
    return session(request.COOKIES.get(ME, "")[:100])


def proven(request: HttpRequest) -> Person:
    """Whoever this browser has proved to be. Raises NotProven."""
    found = present(request)
    if found is None or found.person is None:
        raise NotProven(
            _("Your time on this page is over, or you have not proved who you are yet."),
            _("Begin again with your phone number; nothing is lost."),
        )
    return found.person


def back(request: HttpRequest, name: str = "me", part: str = "") -> HttpResponse:
    """To a page of residents, in the language that was chosen."""
    return HttpResponseRedirect(reverse(name) + str(speech(request)["own"]) + (f"#{part}" if part else ""))


def keep(response: HttpResponse, name: str, token: str) -> HttpResponse:
    """The cookie: read by nobody but us, sent from no other site, for these pages alone."""
    life = (SESSION if name == ME else GOOD_FOR).total_seconds()
    response.set_cookie(
        name, token, max_age=int(life), path=PATH, secure=settings.BEHIND_TLS, httponly=True, samesite="Strict"
    )
    return response


def drop(response: HttpResponse, *names: str) -> HttpResponse:
    for name in names:
        response.delete_cookie(name, path=PATH, samesite="Strict")
    return response
