"""Pages of what terminals do: in general, one of them, and in a warning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import sight
from lastmile.alerting.coverage import child_length
from lastmile.alerting.models import AlertEvent, Play
from lastmile.alerting.terminals import acting, figures, lease
from lastmile.community.org import queries, terminals
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may, require

GRID = 15  # digits of the lowest places


@require_GET
@needs(Perm.TERMINAL_READ)
def everything(request: HttpRequest) -> HttpResponse:
    """Every terminal of the person's area as it is now, those without contact on top; `?place=` narrows it."""
    who = actor(request)
    scopes = sorted(who.scopes(Perm.TERMINAL_READ), key=lambda code: (len(code), code))
    top = scopes[0] or Place.objects.order_by("code").values_list("code", flat=True).first() or ""
    found = queries.place(who, request.GET.get("place") or top, Perm.TERMINAL_READ)
    rows = figures.by_place(found.code, child_length(found.code))
    context = {
        "title": _("What loudspeakers and screens do now"),
        "place": found,
        "path": [one for one in queries.lineage(found.code) if one.code.startswith(tuple(scopes))],
        "rows": rows,
        "sums": figures.total(rows),
        "listed": figures.here(found.code, request.GET.get("page", "1")),
        "of": f"place={found.code}&",
        "hub": lease.standing(),
        "now": clock.now(),
    }
    return render(request, "alerting/terminals/all.html", context)


@require_GET
@needs(Perm.TERMINAL_READ)
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """One terminal: its state, and the last things it was told."""
    terminal = terminals.terminal(actor(request), pk)
    plays = Play.objects.filter(terminal=terminal).select_related("event__alert").order_by("-id")[:30]
    context = {
        "title": terminal.code,
        "device": figures.devices([terminal])[0],
        "plays": plays,
        "may_test": may(actor(request), Perm.TERMINAL_EDIT, terminal.place_id) and terminal.closed_on is None,
    }
    return render(request, "alerting/terminals/state.html", context)


@require_POST
@needs(Perm.TERMINAL_EDIT)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    acting.play_test(actor(request), terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT))
    messages.success(request, _("The test is played within seconds. Reload to see what came back."))
    return redirect("terminals:state", pk)


@require_GET
@needs(Perm.ALERT_READ)
def warning(request: HttpRequest, code: str, place: str = "") -> HttpResponse:
    return render(request, "alerting/terminals/warning.html", _shown(request, code, place))


@require_GET
@needs(Perm.ALERT_READ)
def live(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The part that changes."""
    return render(request, "alerting/terminals/warning_live.html", _shown(request, code, place))


def _shown(request: HttpRequest, code: str, place: str) -> dict[str, Any]:
    who = actor(request)
    event, found = sight.seen(who, code, place)
    rows = figures.by_place(found.code, child_length(found.code), event)
    deeper = len(found.code) < GRID
    return {
        "alert": event.alert,
        "event": event,
        "place": found,
        "path": sight.path_to(who, event, found),
        "rows": [(row, deeper and len(row.code) > len(found.code)) for row in rows],
        "sums": figures.total(rows),
        "listed": figures.in_warning(event, found.code, request.GET.get("page", "1")),
        "here": reverse("terminals:warning_place", args=[code, found.code]),
        "may_act": may(who, Perm.ALERT_RESEND, found.code),
        "open": event.closed_at is None and event.expires_at > clock.now(),
        "now": clock.now(),
    }


@require_POST
@needs(Perm.ALERT_RESEND)
def again(request: HttpRequest, code: str, place: str) -> HttpResponse:
    event, found, plays = _chosen(request, code, place)
    count = acting.again(actor(request), event, found.code, plays)
    done = ngettext("%(n)d terminal plays it again.", "%(n)d terminals play it again.", count)
    messages.success(request, done % {"n": count})
    return redirect(reverse("terminals:warning_place", args=[code, found.code]))


@require_POST
@needs(Perm.ALERT_RESEND)
def stop(request: HttpRequest, code: str, place: str) -> HttpResponse:
    event, found, plays = _chosen(request, code, place)
    count = acting.stop(actor(request), event, found.code, plays)
    done = ngettext("%(n)d terminal is told to stop.", "%(n)d terminals are told to stop.", count)
    messages.success(request, done % {"n": count})
    return redirect(reverse("terminals:warning_place", args=[code, found.code]))


def _chosen(request: HttpRequest, code: str, place: str) -> tuple[AlertEvent, Place, list[int] | None]:
    """The event, the place, and the one row that was tapped, or None for all of them."""
    who = actor(request)
    event, found = sight.seen(who, code, place)
    require(who, Perm.ALERT_RESEND, found.code)
    typed = request.POST.get("play", "")
    play = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None
    return event, found, None if play is None else [play]
