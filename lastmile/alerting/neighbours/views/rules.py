"""When neighbours are asked: per place and colour."""

from __future__ import annotations

from django.contrib import messages
from django.forms import ChoiceField, Form, IntegerField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.alerting import queries
from lastmile.alerting.codes import Colour
from lastmile.alerting.forms.drafting import checked
from lastmile.alerting.neighbours import rules
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm


class RuleForm(Form):
    colour = ChoiceField(choices=Colour.choices)
    minutes = IntegerField(min_value=0, max_value=rules.LONGEST)
    step = IntegerField(min_value=1, max_value=rules.LONGEST)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_RULE)
def page(request: HttpRequest) -> HttpResponse:
    person = actor(request)
    asked = (request.POST or request.GET).get("place", "")
    place, places = queries.keeping_or_first(person, Perm.ALERT_RULE, asked)
    if request.method == "GET":
        rows = [(colour, rules.rule_for(place.code, colour)) for colour in Colour]
        context = {"place": place, "places": places, "rows": rows, "title": _("When neighbours are asked")}
        return render(request, "alerting/neighbours/rules.html", context)
    if "drop" in request.POST:
        colour = request.POST.get("colour", "")
        rules.drop_rule(person, place, int(colour) if colour in {"1", "2", "3", "4"} else 0)
    else:
        values = checked(RuleForm(request.POST))
        rules.set_rule(person, place, int(values["colour"]), minutes=values["minutes"], step=values["step"])
    messages.success(request, _("Saved. It holds for warnings issued from now on."))
    return redirect(f"{request.path}?place={place.code}")
