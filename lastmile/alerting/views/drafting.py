"""Find warnings, begin one, write it, and see while writing whom it reaches and how it reads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import drafting, queries
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.forms.drafting import AlertForm, NewForm, checked
from lastmile.alerting.lifecycle import EDITABLE
from lastmile.alerting.models import Alert, State
from lastmile.alerting.views import drafting_parts as parts
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm

BADGE = {State.ISSUED: "red", State.REVIEW: "yellow", State.RETURNED: "orange", State.APPROVED: "green"}


def state_word(alert: Alert) -> str:
    word = alert.get_state_display()
    return _("%(state)s, approval still missing") % {"state": word} if getattr(alert, "unjudged", False) else word


COLUMNS = [
    Column(
        "headline", gettext_lazy("Warning"), value=parts.title, link=lambda a: reverse("alerting:alert", args=[a.code])
    ),
    Column(
        "colour",
        gettext_lazy("Colour"),
        value=lambda a: a.get_colour_display(),
        sort="colour",
        badge=parts.colour_badge,
    ),
    Column("hazard", gettext_lazy("Hazard"), value=lambda a: a.get_hazard_display(), sort="hazard", phone=False),
    Column(
        "state",
        gettext_lazy("State"),
        value=state_word,
        sort="state",
        badge=lambda a: BADGE.get(State(a.state), "secondary"),
    ),
    Column("kind", gettext_lazy("Kind"), value=lambda a: a.get_kind_display(), sort="kind", phone=False),
    Column("place", gettext_lazy("Place"), value=lambda a: a.place.name, sort="place", phone=False),
    Column("changed_at", gettext_lazy("Changed"), value=lambda a: parts.local(a.changed_at), sort="changed_at"),
    Column("code", gettext_lazy("Code"), sort="code", phone=False),
]


@require_GET
@needs(Perm.ALERT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    filters = [
        Choice("state", _("State"), State.choices),
        Choice("colour", _("Colour"), Colour.choices),
        Choice("hazard", _("Hazard"), Hazard.choices),
    ]
    page = ListPage(
        request,
        queries.marked(queries.visible(actor(request))),
        columns=COLUMNS,
        search=["headline", "description", "code"],
        filters=filters,
        order=["-id"],
        filename="alerts",
    )
    return page.response(request, title=_("Warnings"), actions=parts.list_actions(actor(request)))


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_DRAFT)
def new(request: HttpRequest) -> HttpResponse:
    """Choose hazard and colour; the draft starts with the nearest template."""
    places = queries.issuing_places(actor(request))
    if request.method == "GET":
        context = {"places": places, "hazards": Hazard.choices, "colours": Colour.choices, "title": _("New warning")}
        return render(request, "alerting/new.html", context)
    got = checked(NewForm(request.POST))
    place = queries.issuing_place(actor(request), got.pop("place"))
    alert = drafting.create_draft(actor(request), place, **got)
    return redirect("alerting:edit", code=alert.code)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_DRAFT)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    alert = queries.alert(actor(request), code, Perm.ALERT_DRAFT)
    if alert.state not in EDITABLE:
        return redirect("alerting:alert", code=code)
    if request.method == "GET":
        return render(request, "alerting/edit.html", parts.form_context(alert, AlertForm.of(alert)))
    form = AlertForm(request.POST)
    alert = drafting.save(actor(request), alert, version=parts.version(request), **form.content())
    if form.errors:
        return render(request, "alerting/edit.html", parts.form_context(alert, form), status=400)
    if "submit" in request.POST:
        return _submit(request, alert)
    messages.success(request, _("Saved."))
    return redirect("alerting:edit", code=code)


def _submit(request: HttpRequest, alert: Alert) -> HttpResponse:
    """On to the approver; what is missing is said on the form, which keeps everything."""
    try:
        drafting.submit(actor(request), alert)
    except Refusal as refusal:
        context = parts.form_context(alert, AlertForm.of(alert)) | {"refusal": refusal}
        return render(request, "alerting/edit.html", context, status=refusal.status)
    messages.success(request, _("Handed over for review. Call the approver if it is urgent."))
    return redirect("alerting:alert", code=alert.code)


@require_POST
@needs(Perm.ALERT_DRAFT)
def autosave(request: HttpRequest, code: str) -> HttpResponse:
    """Every few seconds while typing: keep what is valid, name what is not, and let the panels follow."""
    alert = queries.alert(actor(request), code, Perm.ALERT_DRAFT)
    form = AlertForm(request.POST)
    before = (alert.audience, alert.channels)
    version = None if "force" in request.POST else parts.version(request)
    try:
        saved = drafting.save(actor(request), alert, version=version, **form.content())
    except Conflict as conflict:
        return render(request, "alerting/conflict_part.html", {"refusal": conflict, "alert": alert}, status=200)
    response = render(request, "alerting/saved_part.html", {"alert": saved, "form": form})
    response["HX-Trigger"] = (
        "alert-saved" if before == (saved.audience, saved.channels) else "alert-saved, reach-changed"
    )
    return response
