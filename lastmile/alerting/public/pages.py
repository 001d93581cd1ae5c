"""Pages for everybody: warnings in force and past, one warning, map, colours, check, board, widget, how to follow."""

from __future__ import annotations

from pathlib import Path

from csp.decorators import csp_replace
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lastmile.alerting import poster, published
from lastmile.alerting.channels import registry, sealing
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.public import areas, check, guide, past
from lastmile.alerting.public.showing import chosen, code, colour_choices, in_language, kept, own, page, query, shown
from lastmile.kernel import clock
from lastmile.kernel.doors import public
from lastmile.kernel.errors import NotFound
from lastmile.kernel.limits import limited

WORKER = Path(__file__).parents[1] / "static" / "js" / "public-worker.js"
CHECKS = 20  # a minute from one address


@require_safe
@public("warnings in force are for everybody")
@in_language
def active(request: HttpRequest) -> HttpResponse:
    """?place=410182109 or ?q=崔庙 those that concern a place."""
    exercises = request.GET.get("exercises") == "1"
    where = chosen(request)
    at = where["place"].code if where["place"] else ""
    context = {
        **where,
        "now": clock.now().replace(second=0, microsecond=0),  # the same bytes for a minute
        "exercises": exercises,
        "warnings": [shown(one) for one in published.in_force(exercises=exercises) if one.concerns(at)],
        "ended": [shown(one) for one in published.just_ended(exercises=exercises) if one.concerns(at)],
    }
    return page(request, "alerting/public/active.html", context)


@require_safe
@public("a published warning is for everybody")
@in_language
def warning(request: HttpRequest, code: str) -> HttpResponse:
    try:
        event = published.event(code)
    except NotFound:
        return own(request, "alerting/public/unknown.html", {}, status=404)
    history, notice = published.history(event.alert), published.notice(event)
    context = {
        "warning": shown(notice),
        "qr": poster.code(notice.url),
        "history": [shown(one) for one in history],
        "newest": shown(history[0]),
        "notes": published.notes(event.alert),
    }
    return page(request, "alerting/public/warning.html", context)


@require_safe
@public("a published warning, to be pinned up")
def poster_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """?size=a3 for the larger one."""
    event = published.event(code)
    content = poster.pdf(event, request.GET.get("size", ""), published.notice(event).url)
    return kept(request, HttpResponse(content, content_type="application/pdf"))


@require_safe
@public("past warnings were for everybody")
@in_language
def past_page(request: HttpRequest) -> HttpResponse:
    where = chosen(request)
    wish = past.read(request.GET, where["place"].code if where["place"] else "")
    pages = Paginator(past.over(wish), past.PER_PAGE)
    shown_page = pages.get_page(request.GET.get("page", "1")[:6])
    context = {
        **where,
        "wish": wish,
        "query": query(request),
        "list": shown_page,
        "warnings": [shown(one) for one in shown_page],
        "hazards": [(value, label) for value, label in Hazard.choices],
        "colours": [(str(value), label) for value, label in Colour.choices],
    }
    return page(request, "alerting/public/past.html", context)


@require_safe
@public("the map of warnings in force is for everybody")
@in_language
def map_page(request: HttpRequest) -> HttpResponse:
    return page(request, "alerting/public/map.html", {"warnings": [shown(one) for one in published.in_force()]})


@require_safe
@public("areas of warnings in force, for the map")
def map_json(request: HttpRequest) -> HttpResponse:
    return kept(request, HttpResponse(areas.as_json(published.in_force()), content_type="application/geo+json"))


@require_safe
@public("what a colour means and what to do is for everybody")
@in_language
def colours(request: HttpRequest) -> HttpResponse:
    """?hazard=rainstorm what to do, from the texts that warnings begin with."""
    hazard = request.GET.get("hazard", "")
    known = hazard if hazard in Hazard.values else ""
    context = {
        "levels": guide.levels(),
        "hazards": guide.hazards(),
        "hazard": Hazard(known) if known else None,
        "steps": guide.steps(known) if known else [],
    }
    return page(request, "alerting/public/colours.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # it changes nothing, and a page without cookies has no token
@public("whether a message is ours; answers nothing about people")
@in_language
def check_page(request: HttpRequest) -> HttpResponse:
    """The form; its answer is made for one reader and kept by nobody."""
    if request.method != "POST":
        return page(request, "alerting/public/check.html", {"public_url": settings.PUBLIC_URL})
    return _checked(request)


@limited("public-check", per_minute=CHECKS)
def _checked(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("text", "")
    found = check.look(text) if text.strip() else None
    one = shown(found.notice) if found and found.notice else None
    context = {"public_url": settings.PUBLIC_URL, "answer": found, "asked": True, "one": one}
    return own(request, "alerting/public/check.html", context)


@require_safe
@public("how to follow warnings is for everybody")
@in_language
def follow(request: HttpRequest) -> HttpResponse:
    """Feeds and a widget, of everywhere or of a place."""
    where = chosen(request)
    query = f"?place={where['place'].code}" if where["place"] else ""
    base = settings.PUBLIC_URL
    tag = f' data-place="{where["place"].code}"' if where["place"] else ""
    context = {
        **where,
        "mail": "email" in registry.in_service(),
        "push_key": push_key(),
        "colours": colour_choices(),
        "atom": base + reverse("public_feed") + query,
        "rss": base + reverse("public_rss") + query,
        "widget": f'<script src="{base}{reverse("public_widget_script")}"{tag} async></script>',
        "frame": base + reverse("public_widget") + query,
        "board": reverse("public_board") + query,
    }
    return page(request, "alerting/public/follow.html", context)


def push_key() -> str:
    """What a browser follows with; "" where the key of this installation is none."""
    try:
        return sealing.public_key(settings.PUSH_KEY)
    except ValueError:
        return ""


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # this page alone may stand in pages of others: it has nothing to press
@public("warnings in force, to stand in pages of others")
@in_language
def widget(request: HttpRequest) -> HttpResponse:
    at = code(request)
    warnings = [shown(one) for one in published.in_force() if one.concerns(at)]
    return page(request, "alerting/public/widget.html", {"warnings": warnings[:5], "more": len(warnings) - 5})


SCRIPT = """(function () {
  var me = document.currentScript, frame = document.createElement("iframe");
  frame.src = new URL("%s", me.src).href + (me.dataset.place ? "?place=" + encodeURIComponent(me.dataset.place) : "");
  frame.title = me.dataset.title || "\\u751f\\u6548\\u9884\\u8b66";
  frame.loading = "lazy";
  frame.style.cssText = "border:0;width:100%%;max-width:30rem;height:" + (me.dataset.height || "16rem");
  me.parentNode.insertBefore(frame, me);
})();
"""


@require_safe
@public("the one line that puts the widget into a page of others")
def widget_script(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(SCRIPT % reverse("public_widget"), content_type="text/javascript; charset=utf-8")
    return kept(request, response)


@require_safe
@public("the script that shows what is pushed, and what was kept without a network; holds no data")
def worker(request: HttpRequest) -> HttpResponse:
    """Served here, because a worker reaches no further than the folder it comes from."""
    return kept(request, HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8"))


@require_safe
@public("warnings in force for a screen in a lobby")
@in_language
def board(request: HttpRequest) -> HttpResponse:
    """Full screen; its script reads it again and says how old it is when the network is away."""
    where = chosen(request)
    at = where["place"].code if where["place"] else ""
    warnings = [shown(one) for one in published.in_force() if one.concerns(at)]
    context = {**where, "warnings": warnings, "now": clock.now().replace(second=0, microsecond=0)}
    return page(request, "alerting/public/board.html", context)
