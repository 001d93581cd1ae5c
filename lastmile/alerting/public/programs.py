"""Warnings for programs: JSON, feeds, CAP."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from lastmile.alerting import published
from lastmile.alerting.cap.compose import MEDIA_TYPE, compose
from lastmile.alerting.cap.signature import signed
from lastmile.alerting.channels.web.notice import FeedPage, Notice, as_atom, as_json
from lastmile.alerting.channels.web.rss import as_rss
from lastmile.alerting.public.showing import code as place_code
from lastmile.alerting.public.showing import kept
from lastmile.kernel.doors import public


def _wants_exercises(request: HttpRequest) -> bool:
    return request.GET.get("exercises") == "1"


@require_safe
@public("warnings in force, for programs")
def active_json(request: HttpRequest) -> HttpResponse:
    body = as_json(published.in_force(exercises=_wants_exercises(request)))
    return _open(request, HttpResponse(body, content_type="application/json"))


@require_safe
@public("warnings in force, for feed readers")
def feed(request: HttpRequest) -> HttpResponse:
    """?place=410182 those of a place, ?lang=en in English, ?ended=1 with all-clears, ?page=2 the next ones."""
    notices, page = _feed_page(request, "public_feed")
    return _open(request, HttpResponse(as_atom(notices, page), content_type="application/atom+xml; charset=utf-8"))


@require_safe
@public("warnings in force, for readers of RSS")
def rss(request: HttpRequest) -> HttpResponse:
    notices, page = _feed_page(request, "public_rss")
    return _open(request, HttpResponse(as_rss(notices, page), content_type="application/rss+xml; charset=utf-8"))


def _feed_page(request: HttpRequest, name: str) -> tuple[list[Notice], FeedPage]:
    return published.feed_page(
        settings.PUBLIC_URL + reverse(name),
        place=place_code(request),
        language="en" if request.GET.get("lang") == "en" else "zh",
        exercises=_wants_exercises(request),
        number=request.GET.get("page", "1")[:6],
        ended=request.GET.get("ended") == "1",
    )


@require_safe
@public("a published warning as a CAP message")
def cap(request: HttpRequest, code: str) -> HttpResponse:
    return _open(request, HttpResponse(signed(compose(published.event(code).frozen)), content_type=MEDIA_TYPE))


def _open(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Other sites' scripts may read it too: it holds nothing but what is public."""
    response["Access-Control-Allow-Origin"] = "*"
    return kept(request, response)
