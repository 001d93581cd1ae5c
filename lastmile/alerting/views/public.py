"""Pages and feeds for everybody: warnings in force, one warning, JSON, Atom, CAP. No log-in, no script, no cookie."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from lastmile.alerting import published
from lastmile.alerting.cap.compose import MEDIA_TYPE, compose
from lastmile.alerting.cap.signature import signed
from lastmile.alerting.channels.web.notice import FeedPage, Notice, as_atom, as_json
from lastmile.alerting.channels.web.rss import as_rss
from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.kernel import clock
from lastmile.kernel.doors import public

View = Callable[..., HttpResponse]
FRESH = 10  # seconds a reader or proxy may keep an answer
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def _in_language(view: View) -> View:
    """`?lang=en` or `?lang=zh` chooses; else the reader's own language."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or "zh-hans")
        with translation.override(wanted):
            return view(request, *args, **kwargs)

    return spoken


def _wants_exercises(request: HttpRequest) -> bool:
    return request.GET.get("exercises") == "1"


@require_safe
@public("warnings in force are for everybody")
@_in_language
def active(request: HttpRequest) -> HttpResponse:
    exercises = _wants_exercises(request)
    context = {
        "now": clock.now().replace(second=0, microsecond=0),  # the same bytes for a minute
        "exercises": exercises,
        "warnings": [_shown(one) for one in published.in_force(exercises=exercises)],
        "ended": [_shown(one) for one in published.just_ended(exercises=exercises)],
    }
    return _kept(request, render(request, "alerting/public/active.html", context | _speech(request)))


@require_safe
@public("a published warning is for everybody")
@_in_language
def warning(request: HttpRequest, code: str) -> HttpResponse:
    event = published.event(code)
    history = published.history(event.alert)
    context = {
        "warning": _shown(published.notice(event)),
        "history": [_shown(one) for one in history],
        "newest": _shown(history[0]),
        "notes": published.notes(event.alert),
    }
    return _kept(request, render(request, "alerting/public/warning.html", context | _speech(request)))


@require_safe
@public("warnings in force, for programs")
def active_json(request: HttpRequest) -> HttpResponse:
    body = as_json(published.in_force(exercises=_wants_exercises(request)))
    return _open(request, HttpResponse(body, content_type="application/json"))


@require_safe
@public("warnings in force, for feed readers")
def feed(request: HttpRequest) -> HttpResponse:
    """?place=410182 those of a place, ?lang=en in English, ?page=2 the next ones."""
    notices, page = _feed_page(request, "public_feed")
    return _open(request, HttpResponse(as_atom(notices, page), content_type="application/atom+xml; charset=utf-8"))


@require_safe
@public("warnings in force, for readers of RSS")
def rss(request: HttpRequest) -> HttpResponse:
    notices, page = _feed_page(request, "public_rss")
    return _open(request, HttpResponse(as_rss(notices, page), content_type="application/rss+xml; charset=utf-8"))


def _feed_page(request: HttpRequest, name: str) -> tuple[list[Notice], FeedPage]:
    asked = request.GET.get("place", "")
    return published.feed_page(
        settings.PUBLIC_URL + reverse(name),
        place=asked if asked.isascii() and asked.isdigit() and len(asked) <= 15 else "",
        language="en" if request.GET.get("lang") == "en" else "zh",
        exercises=_wants_exercises(request),
        number=request.GET.get("page", "1")[:6],
    )


@require_safe
@public("a published warning as a CAP message")
def cap(request: HttpRequest, code: str) -> HttpResponse:
    return _open(request, HttpResponse(signed(compose(published.event(code).frozen)), content_type=MEDIA_TYPE))


def _open(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Other sites' scripts may read it too: it holds nothing but what is public."""
    response["Access-Control-Allow-Origin"] = "*"
    return _kept(request, response)


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let readers and proxies keep it for a moment, and answer 304 to those who have it already."""
    etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH}"
    patch_vary_headers(response, ["Accept-Language"])
    return cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))


def _speech(request: HttpRequest) -> dict[str, str]:
    english = (translation.get_language() or "").startswith("en")
    return {
        "lang": "en" if english else "zh",
        "other": "zh" if english else "en",
        "chosen": request.GET.get("lang", ""),
    }


def _shown(notice: Any) -> dict[str, Any]:
    """A notice with its words in the reader's language."""
    lang = "en" if (translation.get_language() or "").startswith("en") else "zh"
    at = 1 if lang == "en" else 0
    return {
        "notice": notice,
        "text": notice.text(lang),
        "translated": lang in notice.texts,
        "colour": COLOUR_NAME[Colour(notice.colour)][at],
        "hazard": HAZARD_NAME[Hazard(notice.hazard)][at],
        "todo": [line.strip() for line in notice.text(lang)["instruction"].splitlines() if line.strip()],
        "phone": "".join(char for char in notice.text(lang).get("contact", "") if char in "+0123456789"),
        "live": notice.state == "in_force",
    }
