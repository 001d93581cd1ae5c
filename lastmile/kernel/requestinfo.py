"""The address of the request being served, for the audit trail and rate limits."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_address: ContextVar[str | None] = ContextVar("address", default=None)


def address() -> str | None:
    return _address.get()


def of(request: HttpRequest) -> str | None:
    """Who asked: the peer, or what trusted proxies (settings.PROXIES) say about it; no other header is believed."""
    peer = request.META.get("REMOTE_ADDR") or None
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while peer in settings.PROXIES and chain:
        peer = chain.pop()
    return peer


class RequestInfoMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _address.set(of(request))
        try:
            return self.get_response(request)
        finally:
            _address.reset(token)
