"""Special sites: care homes, schools, basements … and who answers for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import actions, queries
from lastmile.community.org.forms import SiteForm
from lastmile.community.org.models import Level, Place, SpecialSite
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may


def columns() -> list[Column]:
    return [
        Column("name", _("Name"), sort="name", link=lambda s: reverse("site", args=[s.pk])),
        Column("kind", _("Kind"), value=lambda s: s.get_kind_display(), sort="kind"),
        Column("place", _("Place"), sort="place_id", link=lambda s: reverse("place", args=[s.place_id])),
        Column("address", _("Address"), phone=False),
        Column("capacity", _("People at most"), sort="capacity", number=True, phone=False),
        Column(
            "answers",
            _("Responsible post"),
            value=lambda s: _("yes") if s.answered else _("nobody"),
            badge=lambda s: "green" if s.answered else "red",
        ),
        Column("longitude", _("Longitude"), phone=False),
        Column("latitude", _("Latitude"), phone=False),
    ]


def _lists() -> list[dict[str, str]]:
    """The lists beside this one."""
    return [
        {"url": reverse("posts"), "label": _("Posts"), "icon": "id"},
        {"url": reverse("place_gaps") + "#site_without_post", "label": _("Gaps in places"), "icon": "alert-triangle"},
    ]


@require_GET
@needs(Perm.SITE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    listed = ListPage(
        request,
        queries.sites_of(actor(request)),
        columns=columns(),
        search=["name", "address", "place__name"],
        filters=[
            Choice("kind", _("Kind"), SpecialSite.Kind.choices),
            Choice("state", _("State"), [("open", _("in service")), ("closed", _("closed"))], apply=queries.in_state),
        ],
        order=("place", "name"),
        filename="special-sites",
    )
    hint = _("Open a village or community and add its care homes, schools, basements …")
    return listed.response(
        request, title=_("Special sites"), empty_title=_("No special sites yet."), empty_hint=hint, actions=_lists()
    )


@require_GET
@needs(Perm.SITE_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    site = queries.site(actor(request), pk)
    context = {
        "title": site.name,
        "site": site,
        "posts": site.posts.filter(closed_on=None),
        "may_edit": may(actor(request), Perm.SITE_EDIT, site.place_id) and site.closed_on is None,
        "may_facts": may(actor(request), Perm.FACT_READ, site.place_id),
        "may_post": may(actor(request), Perm.POST_EDIT, site.place_id) and site.closed_on is None,
        "lineage": queries.lineage(site.place_id),
    }
    return render(request, "org/site.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SITE_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.place(actor(request), code, Perm.SITE_EDIT)
    if place.level < Level.VILLAGE:
        raise Refusal(_("A special site stands in a village or grid."), _("Open the village and add it there."))
    form = SiteForm(request.POST or None, at=place, instance=SpecialSite(place=place))
    return _form(
        request, form, place, SpecialSite(place=place), _("Add a special site in %(place)s") % {"place": place}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SITE_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    site = queries.site(actor(request), pk, Perm.SITE_EDIT)
    form = SiteForm(request.POST or None, at=site.place, instance=site)
    fresh = queries.site(actor(request), pk, Perm.SITE_EDIT)
    return _form(request, form, site.place, fresh, _("Edit %(name)s") % {"name": fresh.name})


def _form(request: HttpRequest, form: SiteForm, place: Place, site: SpecialSite, title: str) -> HttpResponse:
    def write(facts: dict[str, Any]) -> HttpResponse:
        queries.place(actor(request), facts["place"].code, Perm.SITE_EDIT)
        saved = actions.save_site(site, by=actor(request), **facts)
        messages.success(request, _("Saved."))
        return redirect("site", saved.pk)

    back = reverse("site", args=[site.pk]) if site.pk else reverse("place", args=[place.code])
    return filled(request, form, write, template="org/site_form.html", title=title, place=place, back=back)


@require_POST
@needs(Perm.SITE_EDIT)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    site = queries.site(actor(request), pk, Perm.SITE_EDIT)
    actions.close_site(site, by=actor(request))
    messages.success(request, _("Closed, with its posts. It stays in the list under “closed”."))
    return redirect("site", site.pk)
