"""After how long, and at whose doors, somebody knocks: per place and colour."""

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
from lastmile.alerting.models import Whom
from lastmile.alerting.visits import rules
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm


class RuleForm(Form):
    colour = ChoiceField(choices=Colour.choices)
    minutes = IntegerField(min_value=1, max_value=rules.LONGEST)
    whom = ChoiceField(choices=Whom.choices)
    volunteers = IntegerField(min_value=0, max_value=rules.LONGEST, required=False)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_RULE)
def page(request: HttpRequest) -> HttpResponse:
    person = actor(request)
    asked = (request.POST or request.GET).get("place", "")
    place, places = queries.keeping_or_first(person, Perm.ALERT_RULE, asked)
    if request.method == "GET":
        rows = [(colour, rules.rule_for(place.code, colour)) for colour in Colour]
        context = {"place": place, "places": places, "rows": rows, "whom": Whom.choices, "title": _("Visiting rules")}
        return render(request, "alerting/visits/rules.html", context)
    _save(request, place)
    messages.success(request, _("Saved. It holds for warnings issued from now on."))
    return redirect(f"{request.path}?place={place.code}")


def _save(request: HttpRequest, place: Place) -> None:
    person = actor(request)
    if "drop" in request.POST:
        colour = request.POST.get("colour", "")
        rules.drop_rule(person, place, int(colour) if colour in {"1", "2", "3", "4"} else 0)
        return
    values = checked(RuleForm(request.POST))
    rules.set_rule(
        person,
        place,
        int(values["colour"]),
        minutes=values["minutes"],
        whom=values["whom"],
        volunteers=values["volunteers"],
    )
