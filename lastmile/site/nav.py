"""The console's menu: what exists, and which permission makes it worth showing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.kernel.permissions import Perm


class Item(NamedTuple):
    label: str | Promise
    icon: str
    url: str  # a URL name
    perm: Perm | None
    other: Perm | None = None  # also enough
    below: tuple[str, ...] = ()  # also marked active under these addresses

    def useful(self, scopes: Callable[[Perm], tuple[str, ...]]) -> bool:
        return self.perm is None or any(scopes(perm) for perm in (self.perm, self.other) if perm)


WARNINGS = ("/calls/", "/ladders/", "/paper/")
OUTSIDE = ("/sources/", "/subscribers/", "/deployments/")
MENU = [
    Item(_("Overview"), "home", "home", None),
    Item(_("To do"), "checklist", "todo", None),
    Item(_("Warnings"), "bell-ringing", "alerting:alerts", Perm.ALERT_READ, below=WARNINGS),
    Item(pgettext_lazy("menu", "From outside"), "file-import", "sources:incoming", Perm.SOURCE_READ, below=OUTSIDE),
    Item(_("Visits"), "door", "visits:home", Perm.ALERT_RECEIPT),
    Item(pgettext_lazy("menu", "Places"), "sitemap", "places", Perm.PLACE_READ),
    Item(_("Special sites"), "building-hospital", "sites", Perm.SITE_READ),
    Item(_("Loudspeakers and screens"), "speakerphone", "terminals", Perm.TERMINAL_READ, below=("/loudspeakers/",)),
    Item(pgettext_lazy("menu", "Plan areas"), "map-pin", "plan_areas:listing", Perm.PLAN_AREA_READ),
    Item(_("Shelters"), "building-community", "shelters", Perm.SHELTER_READ),
    Item(pgettext_lazy("menu", "Households"), "home-2", "households", Perm.HOUSEHOLD_READ, below=("/people/",)),
    Item(pgettext_lazy("menu", "Corrections"), "edit", "proposals", Perm.HOUSEHOLD_EDIT),
    Item(pgettext_lazy("menu", "Cells"), "users-group", "cells", Perm.HOUSEHOLD_READ),
    Item(_("Staff"), "id", "staff", Perm.POST_READ, below=("/people/posts/", "/people/appoint")),
    Item(_("Responsibilities"), "clipboard-list", "duty_lists", Perm.POST_READ, below=("/duties/", "/posts/")),
    Item(_("Checklists"), "list-check", "checklists", Perm.DUTY_READ),
    Item(_("Gaps"), "alert-triangle", "gaps", Perm.GAPS_READ),
    Item(pgettext_lazy("menu", "Facts"), "table", "facts", Perm.FACT_READ),
    Item(_("Burden ledger"), "chart-bar", "fact_burden", None),
    Item(pgettext_lazy("menu", "Channels"), "message", "channels", Perm.ALERT_READ, Perm.SYSTEM_CONFIGURE),
    Item(_("Reachability test"), "phone-call", "readiness:listing", Perm.ALERT_READ),
    Item(_("Messages per person"), "chart-line", "fatigue:report", Perm.ALERT_READ),
    Item(_("Log-ins"), "users", "users", Perm.USER_READ, below=("/access/",)),
    Item(pgettext_lazy("menu", "What is kept"), "trash", "retention", None, below=("/destroyed/",)),
    Item(pgettext_lazy("menu", "Keys"), "key", "key_rotation", Perm.SYSTEM_CONFIGURE),
    Item(_("Audit trail"), "shield-check", "audit", Perm.AUDIT_READ),
]


def context(request: HttpRequest) -> dict[str, Any]:
    """Template variable `menu`: the entries this person can use, the longest matching address marked active."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": []}
    items = [item for item in MENU if item.useful(user.scopes)]
    addresses = {item.url: reverse(item.url) for item in items}
    areas = [(area, i) for i in items for area in (addresses[i.url], *i.below) if _lies(request.path, area)]
    _area, here = max(areas, key=lambda found: len(found[0]), default=("", None))
    return {"menu": [{"label": i.label, "icon": i.icon, "url": i.url, "active": i is here} for i in items]}


def _lies(path: str, area: str) -> bool:
    """Whether a page lies under an address; under the overview's lies only itself."""
    return path == area or (area != "/" and path.startswith(area))
