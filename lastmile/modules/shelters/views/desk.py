"""Check-in on the keeper's phone: the page, and what it needs without a network. The shell holds nobody's data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import door_codes
from lastmile.community.accounts.queries import me
from lastmile.kernel import audit
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters import sheet, wording
from lastmile.modules.shelters.actions import closing
from lastmile.modules.shelters.models import Opening
from lastmile.modules.shelters.queries import desk as queries
from lastmile.modules.shelters.queries import incident, room


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
    context = {"title": _("Check-in"), "openings": found, "code": request.GET.get("code", "")[:30]}
    return render(request, "shelters/desks.html", context)


@require_GET
@needs(Perm.SHELTER_KEEP)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    opening = room.opening(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_KEEP)
    title = _("Check-in · %(shelter)s") % {"shelter": opening.shelter.name}
    over = incident.in_force(opening.incident) is None
    return render(request, "shelters/desk.html", shared() | {"title": title, "opening": opening, "over": over})


@require_GET
@needs(Perm.SHELTER_KEEP)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The sign-in sheet with names, for when nothing works; every look is noted."""
    opening = room.opening(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_KEEP)
    room.require_open(opening)
    roll = queries.roll(actor(request), opening)
    audit.record("shelters.sheet", actor=actor(request), place=opening.shelter.place_id, obj=opening)
    response = HttpResponse(sheet.pdf(roll, _desk(request)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="sign-in-{opening.pk}.pdf"'
    return response


def _desk(request: HttpRequest) -> str:
    """Where the QR of the sheet leads: to this desk."""
    return settings.PUBLIC_URL + request.path.removesuffix("sheet.pdf")


@require_POST
@needs(Perm.SHELTER_KEEP)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The shelter is empty; or, after the all-clear, whoever is in it has gone home."""
    opening = room.opening(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_KEEP)
    closing.close(me(request), opening, home=request.POST.get("home") == "yes")
    messages.success(request, _("%(shelter)s is closed.") % {"shelter": opening.shelter.name})
    return redirect("shelter_alert_place", opening.incident.alert.code, opening.shelter.place_id)


@require_GET
@needs(Perm.SHELTER_KEEP)
def scanned(request: HttpRequest, number: str) -> HttpResponse:
    """Where the QR of a household leads: to the keeper's own shelter, with the household's code filled in."""
    door_codes.parts(number)
    found: list[Opening] = list(room.kept_by(actor(request))[:2])
    if not found:
        raise NotFound(_("No shelter that you keep is open now."), _("Ask the township or village to open it."))
    to = reverse("shelter_desk", args=[found[0].pk]) if len(found) == 1 else reverse("shelter_desks")
    return redirect(f"{to}?{urlencode({'code': number[:30]})}")


@public("the empty page that is shown without a network; the device fills it with its own sealed list")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "shelters/desk_offline.html", shared() | {"title": _("Check-in")})
