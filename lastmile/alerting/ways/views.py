"""The page of the rules of channels: what holds for each colour by day and night, and a place's own rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import CharField, ChoiceField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.alerting import policy, queries
from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.forms.drafting import checked
from lastmile.alerting.models import ChannelRule
from lastmile.alerting.ways import actions
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


class RuleForm(Form):
    colour = ChoiceField(choices=Colour.choices)
    hazard = CharField(max_length=20, required=False)
    when = CharField(max_length=5)
    frail = CharField(max_length=20, required=False)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_RULE)
def page(request: HttpRequest) -> HttpResponse:
    asked = (request.POST or request.GET).get("place", "")
    place, places = queries.keeping_or_first(actor(request), Perm.ALERT_RULE, asked)
    if request.method == "GET":
        return _shown(request, place, places)
    try:
        _save(request, place)
    except Refusal as refusal:
        return _shown(request, place, places, refusal)
    messages.success(request, _("Saved. It holds for warnings begun from now on."))
    return redirect(f"{request.path}?place={place.code}")


def _save(request: HttpRequest, place: Place) -> None:
    drop = request.POST.get("drop", "")
    if drop:
        actions.drop_rule(actor(request), place, int(drop) if drop.isdecimal() and len(drop) < 10 else 0)
        return
    values = checked(RuleForm(request.POST))
    channels = [name for name in request.POST.getlist("channels")[:20] if name]
    actions.set_rule(actor(request), place, **{**values, "colour": int(values["colour"])}, channels=channels)


def _shown(request: HttpRequest, place: Place, places: list[Place], refusal: Refusal | None = None) -> HttpResponse:
    words = registry.labels()
    typed = {name: request.POST.get(name, "") for name in ("colour", "hazard", "when", "frail")}
    picked = request.POST.getlist("channels")[: len(words)]
    context = {
        "title": _("Rules of channels"),
        "place": place,
        "places": places,
        "holds": [_holds(place, colour, words) for colour in Colour],
        "own": [_own(rule, words) for rule in ChannelRule.objects.filter(place=place)],
        "colours": [(str(value), label) for value, label in Colour.choices],
        "hazards": Hazard.choices,
        "times": ChannelRule.When.choices,
        "slots": [picked[n] if n < len(picked) else "" for n in range(len(words))],
        "channels": list(words.items()),
        "phones": [(name, label) for name, label in words.items() if registry.capabilities(name).contact == "phone"],
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "alerting/ways/rules.html", context, status=refusal.status if refusal else 200)


def _holds(place: Place, colour: Colour, words: dict[str, str]) -> dict[str, Any]:
    """What holds for every hazard without a rule of its own, by day and by night."""
    times = (ChannelRule.When.DAY, ChannelRule.When.NIGHT)
    found = [(when.label, policy.choose(place.code, "", colour, when)) for when in times]
    rows = [
        {
            "when": label,
            "channels": [words[name] for name in choice.channels],
            "frail": words.get(choice.frail, ""),
            "source": choice.source.place_id if choice.source else "",
        }
        for label, choice in found
    ]
    return {"colour": colour, "rows": rows}


def _own(rule: ChannelRule, words: dict[str, str]) -> dict[str, Any]:
    return {
        "rule": rule,
        "hazard": Hazard(rule.hazard).label if rule.hazard else "",
        "channels": [words.get(name, name) for name in rule.channels],
        "frail": words.get(rule.frail, rule.frail),
    }
