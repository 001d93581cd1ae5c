"""Check-in on the keeper's phone: the page, and what it needs without a network. The shell holds nobody's data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters import codes, wording
from lastmile.modules.shelters.models import Opening
from lastmile.modules.shelters.queries import room

SCRIPT = Path(__file__).parents[1] / "static" / "js" / "shelter-worker.js"


def _addresses(opening: int) -> dict[str, str]:
    return {
        "roll": reverse("api:shelter_roll", args=[opening]),
        "door": reverse("api:shelter_door", args=[opening]),
        "sync": reverse("api:shelter_sync", args=[opening]),
    }


def shared() -> dict[str, Any]:
    """What the page and its shell have in common; the script puts the key of the opening where 0 stands."""
    return {"words": wording.words(), "leaving": wording.leaving(), "addresses": _addresses(0)}


@require_GET
@needs(Perm.SHELTER_KEEP)
def listing(request: HttpRequest) -> HttpResponse:
    """The shelters open now that the person keeps; straight to the only one."""
    found = list(room.kept_by(actor(request))[:200])
    if len(found) == 1 and "all" not in request.GET:
        return redirect("shelter_desk", found[0].pk)
    context = {"title": _("Check-in"), "openings": found, "code": request.GET.get("code", "")[:20]}
    return render(request, "shelters/desks.html", context)


@require_GET
@needs(Perm.SHELTER_KEEP)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    opening = room.opening(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_KEEP)
    title = _("Check-in · %(shelter)s") % {"shelter": opening.shelter.name}
    return render(request, "shelters/desk.html", shared() | {"title": title, "opening": opening})


@require_GET
@needs(Perm.SHELTER_KEEP)
def scanned(request: HttpRequest, number: str) -> HttpResponse:
    """Where the QR of a household leads: to the keeper's own shelter, with the household's number filled in."""
    digits = codes.plain(codes.read(number))
    found: list[Opening] = list(room.kept_by(actor(request))[:2])
    if not found:
        raise NotFound(_("No shelter that you keep is open now."), _("Ask the township or village to open it."))
    to = reverse("shelter_desk", args=[found[0].pk]) if len(found) == 1 else reverse("shelter_desks")
    return redirect(f"{to}?code={digits}")


@public("the script that shows the check-in without a network; holds no data")
@never_cache
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")


@public("the empty page that is shown without a network; the device fills it with its own sealed list")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "shelters/desk_offline.html", shared() | {"title": _("Check-in")})
