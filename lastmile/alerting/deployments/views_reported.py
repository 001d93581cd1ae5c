"""What one deployment below has reported about a warning: places one level down, and the posts that must answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting import reported, sight
from lastmile.alerting.models import Deployment
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

GRID = 15  # digits of the lowest places


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """?place= one of its places; without it everything it answers for."""
    event, _place = sight.seen(actor(request), code)
    link = Deployment.objects.select_related("place").filter(pk=pk, side=Deployment.Side.BELOW).first()
    prefix = request.GET.get("place", "") or (link.place_id if link else "")
    is_code = prefix.isascii() and prefix.isdigit() and len(prefix) <= GRID
    inside = link is not None and is_code and prefix.startswith(link.place_id)
    if link is None or not inside or not may(actor(request), Perm.ALERT_READ, prefix):
        raise NotFound(
            _("There is no such report, or it is outside your area."),
            _("Open the warning again and go down from there."),
        )
    [found] = reported.of(event, prefix, [link])
    calls = reported.calls(link, event, prefix)
    context = {
        "title": _("%(place)s, as reported") % {"place": reported.where(link, prefix)},
        "alert": event.alert,
        "place": prefix,
        "path": [(prefix[:n], link.names.get(prefix[:n], prefix[:n])) for n in _lengths(link.place_id, prefix)],
        "one": found,
        "age": reported.age(link),
        "leaf": len(prefix) >= GRID,
        "calls": [(call, reported.where(link, call.place)) for call in calls],
    }
    return render(request, "alerting/deployments/reported.html", context)


def _lengths(top: str, prefix: str) -> list[int]:
    return [length for length in (4, 6, 9, 12, 15) if len(top) <= length <= len(prefix)]
