"""The accounts of places, and what their messages cost in a month."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastmile.alerting import desk, senders
from lastmile.alerting.accounts import actions, costs
from lastmile.alerting.accounts.form import AccountPage
from lastmile.alerting.models import ChannelAccount, Rest
from lastmile.community.org.models import Level, Place
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Actor, Perm, within


@require_safe
@needs(Perm.SYSTEM_CONFIGURE)
def listing(request: HttpRequest) -> HttpResponse:
    rests = {rest.channel: rest for rest in Rest.objects.filter(until__gt=clock.now())}
    seen = actions.seen(actor(request))
    rows = [(one, actions.label(one.channel), rests.get(f"{one.channel}#{one.pk}")) for one in seen]
    choices = [(name, actions.label(name)) for name in senders.KINDS_OF]
    context = {"rows": rows, "choices": choices, "places": _places(actor(request)), "kinds": senders.LABELS}
    return render(request, "alerting/accounts/listing.html", {**context, "title": _("Accounts of places")})


@require_http_methods(["GET", "POST"])
@needs(Perm.SYSTEM_CONFIGURE)
def new(request: HttpRequest) -> HttpResponse:
    person, said = actor(request), request.POST or request.GET
    if request.method != "POST" and not said.get("place"):
        return listing(request)  # where a place and a channel are chosen
    place = actions.place_of(person, said.get("place", ""))
    channel, kind = actions.kind_of(said.get("channel", ""), said.get("kind", ""))
    form = AccountPage(request, place, channel, kind)
    if request.method != "POST":
        return form.shown()
    try:
        account = actions.add(person, place, channel, kind, request.POST.dict())
    except Refusal as refusal:
        return form.shown(refusal)
    messages.success(request, _("Saved. Try it out before a warning needs it."))
    return redirect("channel_accounts:page", account.pk)


@require_http_methods(["GET", "POST"])
@needs(Perm.SYSTEM_CONFIGURE)
def page(request: HttpRequest, number: int) -> HttpResponse:
    account = actions.get(actor(request), number)
    form = AccountPage(request, account.place, account.channel, account.kind, account)
    if request.method != "POST":
        return form.shown()
    try:
        changed = actions.change(actor(request), account, request.POST.dict())
    except Refusal as refusal:
        return form.shown(refusal)
    messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
    return redirect("channel_accounts:page", account.pk)


@require_POST
@needs(Perm.SYSTEM_CONFIGURE)
def switch(request: HttpRequest, number: int) -> HttpResponse:
    account = actions.get(actor(request), number)
    actions.switch(actor(request), account, on=request.POST.get("on") == "1")
    return redirect("channel_accounts:page", account.pk)


@require_POST
@needs(Perm.SYSTEM_CONFIGURE)
def send_test(request: HttpRequest, number: int) -> HttpResponse:
    account = actions.get(actor(request), number)
    outcome = actions.test(actor(request), account, request.POST.get("address", "")[:200])
    went_well, says = desk.outcome_says(outcome)
    template = "result.html" if request.headers.get("HX-Request") else "result_page.html"
    context = {"went_well": went_well, "says": says, "title": _("Test message")}
    return render(request, f"alerting/channels/{template}", context)


@require_safe
@needs(Perm.SYSTEM_CONFIGURE)
@never_cache
def health(request: HttpRequest, number: int) -> HttpResponse:
    account = actions.get(actor(request), number)
    return render(request, "alerting/channels/health.html", {"health": actions.health(account)})


@require_safe
@needs(Perm.SYSTEM_CONFIGURE)
def spent(request: HttpRequest) -> HttpResponse:
    month = costs.month_of(request.GET.get("month", "")[:7])
    rows = costs.of_month(actor(request), month)
    total = sum((row.yuan for row in rows), Decimal(0))
    context = {"rows": rows, "month": month, "months": costs.months(), "total": total}
    return render(request, "alerting/accounts/costs.html", {**context, "title": _("Messages and costs of a month")})


@require_safe
@needs(Perm.SYSTEM_CONFIGURE)
def export(request: HttpRequest) -> HttpResponse:
    month = costs.month_of(request.GET.get("month", "")[:7])
    head = [_("Code"), _("Place"), _("Channel"), _("Account"), _("Warnings"), _("messages"), _("parts")]
    head += [_("price in yuan"), _("price for each"), _("cost in yuan")]
    rows = [
        [
            row.place,
            row.place_name,
            row.label,
            row.account_name,
            row.warnings,
            row.messages,
            row.parts,
            float(row.price),
            str(ChannelAccount.Per(row.per).label),
            float(row.yuan),
        ]
        for row in costs.of_month(actor(request), month)
    ]
    return xlsx_response(f"costs-{month:%Y-%m}", head, rows)


def _places(person: Actor) -> list[Place]:
    """Where an account may be added: cities and counties; a smaller place by its code in the address."""
    rows = Place.objects.current().filter(within(person.scopes(Perm.SYSTEM_CONFIGURE), "code"))
    return list(rows.filter(level__lte=Level.COUNTY).order_by("code"))
