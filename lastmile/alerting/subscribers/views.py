"""Pages of the subscriptions: the list, one with its pushes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import queries as alerts
from lastmile.alerting.models import Subscription
from lastmile.alerting.subscribers import actions, pushing, queries
from lastmile.alerting.subscribers.forms import SubscriptionForm
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm, may


@require_http_methods(["GET", "POST"])
@needs(Perm.SOURCE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Every subscription; with a form for whoever may add one."""
    if request.method == "GET":
        return _listed(request, SubscriptionForm())
    form = SubscriptionForm(request.POST)
    place = alerts.keeping_place(actor(request), Perm.SOURCE_EDIT, request.POST.get("place"))
    if not form.is_valid():
        return _listed(request, form, status=422)
    try:
        made, secret = actions.subscribe(actor(request), place, **form.cleaned_data)
    except Refusal as refusal:
        return _listed(request, form, refusal=refusal, status=refusal.status)
    return _shown(request, made, secret)


def _listed(request: HttpRequest, form: SubscriptionForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "title": _("Subscribers"),
        "rows": queries.subscriptions(actor(request))[:200],
        "form": form,
        "places": alerts.keeping_places(actor(request), Perm.SOURCE_EDIT),
        "chosen": request.POST.get("place", ""),
    }
    return render(request, "alerting/subscribers/listing.html", context | more, status=status)


@require_GET
@needs(Perm.SOURCE_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, queries.subscription(actor(request), pk))


def _shown(request: HttpRequest, one: Subscription, secret: str = "") -> HttpResponse:
    context = {
        "title": one.name,
        "one": one,
        "secret": secret,
        "topic": pushing.topic_of(one),
        "deliveries": queries.deliveries(one),
        "may_edit": may(actor(request), Perm.SOURCE_EDIT, one.place_id),
    }
    return render(request, "alerting/subscribers/page.html", context)


@require_POST
@needs(Perm.SOURCE_EDIT)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """ask, end, again."""
    person, one = actor(request), queries.subscription(actor(request), pk, Perm.SOURCE_EDIT)
    if verb == "ask":
        actions.ask_again(person, one)
        messages.success(request, _("It is asked within seconds."))
    elif verb == "end":
        actions.end(person, one)
        messages.success(request, _("Ended. Nothing more is pushed there."))
    elif verb == "again":
        messages.success(request, _("%(n)d are pushed again.") % {"n": actions.try_again(person, one)})
    else:
        raise NotFound(_("There is no such step."), _("Go back to the list."))
    return redirect("subscribers:page", pk)
