"""Open shelters with room left, for everybody. Exercises never stand here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lastmile.alerting.public.showing import chosen, in_language, page
from lastmile.kernel.doors import public
from lastmile.modules.shelters.queries import public as queries


@require_safe
@public("where there is room is for everybody; nothing about people")
@in_language
def shelters(request: HttpRequest) -> HttpResponse:
    where = chosen(request)
    found = queries.with_room(where["place"].code if where["place"] else "")
    return page(request, "shelters/public.html", {**where, "rooms": found})
