"""What Django itself refuses, in our words: no such address, a malformed request, an old form, and our own faults."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lastmile.kernel.errors import NotAllowed, NotFound, Refusal
from lastmile.kernel.refusals import RefusalMiddleware


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page, fragment or JSON that a Refusal from a view would become."""
    answer = RefusalMiddleware(lambda _request: HttpResponse()).process_exception(request, refusal)
    return answer if answer is not None else HttpResponse(status=refusal.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return _answer(request, too_large())
    return _answer(
        request, Refusal(_("This request could not be read."), _("Go back, check what you entered and send it again."))
    )


def too_large() -> Refusal:
    return Refusal(
        _("What you sent is larger than this page takes."),
        _("Shorten the text, or upload it as a file in parts."),
        status=413,
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, NotAllowed(_("You may not do this."), _("Ask the security administrator.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, NotFound(_("There is no such page."), _("Check the address, or start from the overview.")))


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed: mostly a page that lay open over a log-out."""
    return _answer(
        request,
        NotAllowed(
            _("This form is too old to be accepted."),
            _("Load the page again and send it once more; what you typed is kept in this browser."),
        ),
    )


def our_fault(request: HttpRequest) -> HttpResponse:
    """Says so without touching the database or the session, which may be what is broken."""
    if request.path.startswith("/api/"):
        body = {"title": _("Something broke on our side."), "detail": "", "status": 500, "fields": {}}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return render(None, "site/500.html", status=500)  # no request: no context processors
