"""Turn a Refusal into a page, an htmx fragment or JSON, with its sentence, next step and 4xx code."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lastmile.kernel.errors import Refusal


def as_json(refusal: Refusal) -> JsonResponse:
    """RFC 9457 problem details."""
    body = {
        "title": str(refusal.says),
        "detail": str(refusal.mend),
        "status": refusal.status,
        "fields": {name: str(text) for name, text in refusal.fields.items()},
    }
    params = {"ensure_ascii": False}  # for whoever reads it as it comes
    return JsonResponse(body, status=refusal.status, content_type="application/problem+json", json_dumps_params=params)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What the asker can read: JSON below /api/, a fragment for htmx, else a page."""
    if request.path.startswith("/api/"):
        return as_json(refusal)
    template = "kernel/refusal_part.html" if request.headers.get("HX-Request") else "kernel/refusal.html"
    return render(request, template, {"refusal": refusal}, status=refusal.status)


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        response = answer(request, exception)
        if exception.status == 429:
            response["Retry-After"] = "60"
        return response
