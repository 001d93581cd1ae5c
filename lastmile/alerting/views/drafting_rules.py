"""The pages of approval rules and of a place's own starting texts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting import lifecycle, queries, rules
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.forms.drafting import RuleForm, TemplateForm, checked
from lastmile.alerting.models import Template
from lastmile.community.org.models import Place, ancestors
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_RULE)
def approval(request: HttpRequest) -> HttpResponse:
    """Per colour: who approves, and whether the urgent path is open."""
    person = actor(request)
    place, places = queries.keeping_or_first(
        person, Perm.ALERT_RULE, (request.POST or request.GET).get("place", "")[:15]
    )
    if request.method == "GET":
        above = Place.objects.filter(pk__in=[place.code, *ancestors(place.code)]).order_by("-code")
        rows = [_rule_row(place, colour) for colour in Colour]
        context = {"place": place, "places": places, "rows": rows, "above": above, "title": _("Approval rules")}
        return render(request, "alerting/rules.html", context)
    colour = _colour(request.POST.get("colour", ""))
    if "drop" in request.POST:
        rules.drop_rule(person, place, colour)
    else:
        rules.set_rule(person, place, colour, **checked(RuleForm(request.POST)))
    messages.success(request, _("Saved."))
    return redirect(f"{request.path}?place={place.code}")


def _rule_row(place: Place, colour: Colour) -> dict[str, Any]:
    rule = lifecycle.rule_for(place.code, colour)
    source = rule.source.place_id if rule.source else ""
    return {"colour": colour, "rule": rule, "own": source == place.code, "source": source}


def _colour(text: str) -> Colour:
    if text not in {str(value) for value in Colour.values}:
        raise NotFound(_("There is no such colour."), _("Choose red, orange, yellow or blue."))
    return Colour(int(text))


@require_GET
@needs(Perm.ALERT_TEMPLATE)
def templates(request: HttpRequest) -> HttpResponse:
    """Which text each hazard and colour starts with at this place."""
    place, places = queries.keeping_or_first(actor(request), Perm.ALERT_TEMPLATE, request.GET.get("place", ""))
    own = set(Template.objects.filter(place=place).values_list("hazard", "colour"))
    rows = [(Hazard(h), [(colour, (h, colour.value) in own) for colour in Colour]) for h in Hazard.values]
    context = {"place": place, "places": places, "rows": rows, "title": _("Templates")}
    return render(request, "alerting/templates.html", context)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_TEMPLATE)
def template(request: HttpRequest, code: str, hazard: str, colour: str) -> HttpResponse:
    place = queries.keeping_place(actor(request), Perm.ALERT_TEMPLATE, code)
    if hazard not in Hazard.values:
        raise NotFound(_("There is no such hazard."), _("Go back to the list."))
    shade = _colour(colour)
    if request.method == "GET":
        found = queries.template(place.code, hazard, shade)
        context = {"place": place, "form": _filled(found), "own": found.place_id == place.code}
        context |= {"hazard": Hazard(hazard).label, "colour": shade, "title": _("Template")}
        return render(request, "alerting/template.html", context)
    if "drop" in request.POST:
        rules.drop_template(actor(request), place, hazard, shade)
    else:
        rules.save_template(actor(request), place, hazard, shade, **_content(request))
    messages.success(request, _("Saved."))
    return redirect(f"/alerts/templates/?place={place.code}")


def _filled(found: Template) -> TemplateForm:
    english = {f"en_{part}": found.english.get(part, "") for part in ("headline", "instruction", "description")}
    return TemplateForm(
        initial={
            "headline": found.headline,
            "instruction": found.instruction,
            "description": found.description,
            **english,
        }
    )


def _content(request: HttpRequest) -> dict[str, Any]:
    got = checked(TemplateForm(request.POST))
    english = {part: got.pop(f"en_{part}") for part in ("headline", "instruction", "description")}
    return {**got, "english": english}
