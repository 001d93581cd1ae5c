"""Loudspeakers, LED screens and other terminals: the list, one of them, add, edit, retire, its key."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import queries, terminals
from lastmile.community.org.forms_terminal import TerminalForm
from lastmile.community.org.models import Level, Place, Terminal
from lastmile.community.org.views.filled import filled
from lastmile.community.org.views.places import above_link
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may


def can(terminal: Terminal) -> str:
    """What it can do, as a line."""
    able = [(terminal.plays, _("audio")), (terminal.speaks, _("speaks text"))]
    able += [(bool(terminal.letters), _("shows %(n)d letters") % {"n": terminal.letters})]
    return " · ".join(says for yes, says in able if yes)


def columns() -> list[Column]:
    return [
        Column("code", _("Code"), sort="code", link=lambda t: reverse("terminal", args=[t.pk])),
        Column("kind", _("Kind"), value=lambda t: t.get_kind_display(), sort="kind"),
        Column("place", _("Place"), sort="place_id", link=lambda t: reverse("place", args=[t.place_id])),
        Column("spot", _("Where it hangs"), sort="spot", phone=False),
        Column("site", _("Special site"), phone=False),
        Column(
            "post",
            _("Who looks after it"),
            value=lambda t: t.post or _("nobody"),
            badge=lambda t: "" if t.post_id else "red",
        ),
        Column("can", _("Can"), value=can, phone=False),
        Column("volume", _("Volume"), value=lambda t: f"{t.quietest}–{t.loudest} %", phone=False),
        Column("longitude", _("Longitude"), phone=False),
        Column("latitude", _("Latitude"), phone=False),
    ]


@require_GET
@needs(Perm.TERMINAL_READ)
def listing(request: HttpRequest) -> HttpResponse:
    listed = ListPage(
        request,
        terminals.of(actor(request)),
        columns=columns(),
        search=["code", "spot", "place__name", "site__name"],
        filters=[
            Choice("kind", _("Kind"), Terminal.Kind.choices),
            Choice("state", _("State"), [("open", _("in service")), ("closed", _("closed"))], apply=queries.in_state),
        ],
        order=("place", "code"),
        filename="terminals",
    )
    beside = above_link("terminals:all")
    actions = [{"url": beside, "label": _("What they do now"), "icon": "volume"}] if beside else []
    hint = _("Open a place and add its loudspeakers and screens, or bring them by workbook.")
    return listed.response(
        request, title=_("Loudspeakers and screens"), empty_title=_("No terminals yet."), empty_hint=hint,
        actions=actions,
    )  # fmt: skip


@require_GET
@needs(Perm.TERMINAL_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, terminals.terminal(actor(request), pk))


def _shown(request: HttpRequest, terminal: Terminal, key: str = "") -> HttpResponse:
    point = None
    if terminal.longitude is not None:
        position = {"type": "Point", "coordinates": [terminal.longitude, terminal.latitude]}
        feature = {"type": "Feature", "properties": {"name": terminal.named}, "geometry": position}
        point = json.dumps({"type": "FeatureCollection", "features": [feature]})
    context = {
        "title": terminal.code,
        "terminal": terminal,
        "can": can(terminal),
        "key": key,
        "point": point,
        "may_edit": may(actor(request), Perm.TERMINAL_EDIT, terminal.place_id) and terminal.closed_on is None,
        "lineage": queries.lineage(terminal.place_id),
        "state_url": above_link("terminals:state", terminal.pk),
    }
    return render(request, "org/terminal.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.TERMINAL_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.place(actor(request), code, Perm.TERMINAL_EDIT)
    if place.level < Level.CITY:
        raise Refusal(_("A terminal stands in a city or below."), _("Open the place and add it there."))
    form = TerminalForm(request.POST or None, at=place, instance=Terminal(place=place))
    return _form(request, form, place, Terminal(place=place), _("Add a terminal in %(place)s") % {"place": place})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.TERMINAL_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    terminal = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    form = TerminalForm(request.POST or None, at=terminal.place, instance=terminal)
    fresh = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    return _form(request, form, terminal.place, fresh, _("Edit %(name)s") % {"name": fresh.code})


def _form(request: HttpRequest, form: TerminalForm, place: Place, terminal: Terminal, title: str) -> HttpResponse:
    def write(facts: dict[str, Any]) -> HttpResponse:
        queries.place(actor(request), facts["place"].code, Perm.TERMINAL_EDIT)
        saved = terminals.save(terminal, by=actor(request), **facts)
        messages.success(request, _("Saved."))
        return redirect("terminal", saved.pk)

    back = reverse("terminal", args=[terminal.pk]) if terminal.pk else reverse("place", args=[place.code])
    hint = _("Click on the map where the terminal hangs, or type its position.")
    return filled(request, form, write, template="org/site_form.html", title=title, place=place, back=back, hint=hint)


@require_POST
@needs(Perm.TERMINAL_EDIT)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    terminal = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    terminals.retire(terminal, by=actor(request))
    messages.success(request, _("Out of service. It stays in the list under “closed”."))
    return redirect("terminal", terminal.pk)


@require_POST
@needs(Perm.TERMINAL_EDIT)
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the key once, or make a new one; both are noted."""
    terminal = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    make = terminals.new_key if request.POST.get("new") else terminals.shown_key
    return _shown(request, terminal, make(terminal, by=actor(request)))
