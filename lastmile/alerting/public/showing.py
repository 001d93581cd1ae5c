"""What every public page has in common: its language, its place, and that it may be kept (site/kept.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import pgettext

from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.community.org import queries as places
from lastmile.community.org.models import Level, Place

View = Callable[..., HttpResponse]
FRESH = 10  # seconds a reader or proxy may keep an answer
LANGUAGES = {"zh": "zh-hans", "en": "en"}
STAYS = ("place", "hazard", "colour", "since", "until", "exercises")  # of an address, when the language changes


def in_language(view: View) -> View:
    """`?lang=en` or `?lang=zh` chooses; else the reader's own language."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or "zh-hans")
        with translation.override(wanted):
            return view(request, *args, **kwargs)

    return spoken


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that may be kept for everybody."""
    return kept(request, render(request, template, context | speech(request)))


def own(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that answers one reader: nobody keeps it."""
    response = render(request, template, context | speech(request), status=status)
    response["Cache-Control"] = "no-store"
    return response


def kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let readers and proxies keep it for a moment, and answer 304 to those who have it already."""
    etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH}"
    patch_vary_headers(response, ["Accept-Language"])
    return cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))


def language() -> str:
    return "en" if (translation.get_language() or "").startswith("en") else "zh"


def speech(request: HttpRequest) -> dict[str, Any]:
    """`own` is what a link must carry so that the chosen language and place stay."""
    lang = language()
    other = "zh" if lang == "en" else "en"
    stays = {name: request.GET[name][:60] for name in STAYS if request.GET.get(name)}
    chosen = {"lang": lang} if request.GET.get("lang") else {}
    place = {"place": stays["place"]} if "place" in stays else {}
    return {
        "lang": lang,
        "other": other,
        "chosen": request.GET.get("lang", ""),
        "switch": urlencode({**stays, "lang": other}),
        "own": f"?{urlencode({**place, **chosen})}" if place or chosen else "",
    }


def query(request: HttpRequest) -> str:
    """What is chosen, as the beginning of the address of another page of the same list."""
    asked = {name: request.GET[name][:60] for name in (*STAYS, "q", "lang") if request.GET.get(name)}
    return f"{urlencode(asked)}&" if asked else ""


def shown(notice: Any) -> dict[str, Any]:
    """A notice with its words in the reader's language."""
    lang = language()
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


def colour_choices() -> list[tuple[int, str]]:
    """From which colour on somebody wants to be told, the mildest first."""
    words = {
        Colour.BLUE: pgettext("public", "all warnings"),
        Colour.YELLOW: pgettext("public", "yellow, orange and red"),
        Colour.ORANGE: pgettext("public", "orange and red"),
        Colour.RED: pgettext("public", "red only"),
    }
    return [(int(colour), said) for colour, said in words.items()]


def code(request: HttpRequest) -> str:
    """The code in the address; "" for anything that is none."""
    asked = request.GET.get("place", "")
    return asked if asked.isascii() and asked.isdigit() and len(asked) <= 15 else ""


def chosen(request: HttpRequest) -> dict[str, Any]:
    """The place in the address by code or by words: `place` and its `path`, or `found` to choose from.

    Grids are not offered: a reader knows the village. An address without either is everywhere.
    """
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    asked = code(request)
    place = Place.objects.current().filter(pk=asked).first() if asked else None
    found: list[Place] = []
    if place is None and words:
        rows = Place.objects.current().filter(level__lt=Level.GRID, level__gt=Level.PROVINCE)
        found = places.find(rows, words)
        exact = [one for one in found if words in (one.name, one.code)]
        if len(exact) == 1 or len(found) == 1:
            place, found = (exact or found)[0], []
    paths = places.paths([place] if place else found)
    return {
        "place": place,
        "path": paths[place.code] if place else "",
        "found": [(one, paths[one.code]) for one in found],
        "words": words,
        "nowhere": bool(words or asked) and place is None and not found,
    }
