"""Transfer orders of one warning: given, listed, changed, withdrawn."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting.models import AlertEvent
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Level, Place
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Actor, Perm, may
from lastmile.modules.shelters.actions import orders
from lastmile.modules.shelters.forms import ChangeForm, OrderForm, ReasonForm
from lastmile.modules.shelters.models import Order
from lastmile.modules.shelters.queries import room
from lastmile.modules.shelters.queries.orders import order_of
from lastmile.modules.shelters.queries.roll import AWAY
from lastmile.modules.shelters.views.roll import seen


def offered(who: Actor, first: AlertEvent, near: room.Point | None, people: int = 1) -> list[tuple[str, str]]:
    return [(str(one.opening.pk), one.label) for one in room.offers(who, first, near, people)]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_ORDER)
def give(request: HttpRequest, code: str, place: str) -> HttpResponse:
    first, found = seen(request, code, place, Perm.SHELTER_ORDER)
    if found.level < Level.TOWNSHIP:
        raise Refusal(_("Orders are given township by township."), _("Open the township, village or grid first."))
    offers = offered(actor(request), first, room.middle(found))
    initial = {"place": request.GET.get("from", "") or found.code, "door": request.GET.get("door", "")[:40]}
    form = OrderForm(request.POST or None, at=found, offers=offers, initial=initial)
    title = _("Order people of %(place)s to a shelter") % {"place": found.name}
    context = {"alert": first.alert, "place": found, "offers": offers, "title": title, "what": "give"}
    back = reverse("shelter_alert_place", args=[code, found.code])
    write = partial(_given, request, first, found, code)
    return filled(request, form, write, template="shelters/order_form.html", back=back, **context)


def _given(request: HttpRequest, first: AlertEvent, found: Place, code: str, data: dict[str, Any]) -> HttpResponse:
    source = orders.Source(data["place"], data.get("household"), data.get("site"), data.get("heads") or 0)
    opening = room.opening(actor(request), int(data["opening"]), Perm.SHELTER_ORDER)
    order = orders.give(me(request), first, source, opening, route=data["route"])
    says = ngettext("%(n)d person is ordered to %(shelter)s.", "%(n)d people are ordered to %(shelter)s.", order.people)
    messages.success(request, says % {"n": order.people, "shelter": opening.shelter.name})
    return redirect("shelter_alert_place", code, found.code)


def columns() -> list[Column]:
    return [
        Column("who", pgettext("shelter", "Who"), value=who_goes, link=lambda o: reverse("shelter_order", args=[o.pk])),
        Column("shelter", _("Shelter"), value=lambda o: o.opening.shelter.name, sort="opening__shelter__name"),
        Column("people", _("people"), sort="people", number=True),
        Column("missing", pgettext("shelter", "missing"), value=lambda o: o.missing, number=True, sort="missing"),
        Column("route", _("Way to go"), phone=False),
        Column("state", _("State"), value=lambda o: o.get_state_display(), badge=_colour),
        Column("at", _("Time"), sort="at", phone=False),
        Column("by", _("Who gave it"), value=lambda o: str(o.by), phone=False),
    ]


def who_goes(order: Order) -> str:
    if order.site:
        return f"{order.place.name} · {order.site.name}"
    if order.household:
        return f"{order.place.name} · {order.household.number}"
    return order.place.name


def _colour(order: Order) -> str:
    return {"live": "green", "changed": "secondary", "withdrawn": "secondary"}[order.state]


@require_GET
@needs(Perm.SHELTER_READ)
def listing(request: HttpRequest, code: str, place: str) -> HttpResponse:
    first, found = seen(request, code, place)
    absent = Q(stays__ordered=True, stays__state__in=AWAY)
    rows = Order.objects.filter(incident=first, place__code__startswith=found.code)
    rows = rows.select_related("place", "site", "household", "opening__shelter", "by")
    listed = ListPage(
        request,
        rows.annotate(missing=Count("stays", filter=absent)),
        columns(),
        search=["place__name", "household__number", "site__name", "opening__shelter__name"],
        filters=[Choice("state", _("State"), Order.State.choices)],
        order=("-id",),
        filename=f"orders-{code}-{found.code}",
    )
    back = {"url": reverse("shelter_alert_place", args=[code, found.code]), "label": _("Shelters"), "icon": "users"}
    title = _("Transfer orders · %(place)s") % {"place": found.name}
    return listed.response(
        request, title=title, actions=[back], alert=first.alert, empty_title=_("Nobody has been ordered yet.")
    )


@require_GET
@needs(Perm.SHELTER_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    order = order_of(who, pk)
    context = {
        "title": _("Transfer order: %(who)s") % {"who": who_goes(order)},
        "order": order,
        "after": Order.objects.filter(after=order).select_related("opening__shelter").first(),
        "missing": order.stays.filter(state__in=AWAY, ordered=True).count(),
        "may_order": may(who, Perm.SHELTER_ORDER, order.place_id) and order.state == Order.State.LIVE,
    }
    return render(request, "shelters/order.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_ORDER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    order = order_of(actor(request), pk, Perm.SHELTER_ORDER)
    near = orders.Source(order.place, order.household, order.site).near
    found = offered(actor(request), order.incident, near, order.people)
    offers = [pair for pair in found if pair[0] != str(order.opening_id)]
    form = ChangeForm(request.POST or None, offers=offers, initial={"route": order.route})

    def write(data: dict[str, Any]) -> HttpResponse:
        opening = room.opening(actor(request), int(data["opening"]), Perm.SHELTER_ORDER)
        new = orders.change(me(request), order, opening, reason=data["reason"], route=data["route"])
        messages.success(request, _("Changed. Tell them the new shelter."))
        return redirect("shelter_order", new.pk)

    context = {"title": _("Another shelter for %(who)s") % {"who": who_goes(order)}, "offers": offers, "what": "change"}
    back = reverse("shelter_order", args=[order.pk])
    return filled(
        request, form, write, template="shelters/order_form.html", back=back, alert=order.incident.alert, **context
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_ORDER)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    order = order_of(actor(request), pk, Perm.SHELTER_ORDER)

    def write(data: dict[str, Any]) -> HttpResponse:
        orders.withdraw(me(request), order, reason=data["reason"])
        messages.success(request, _("Withdrawn. Whoever is in the shelter already stays on its list."))
        return redirect("shelter_order", order.pk)

    title = _("%(who)s need not go") % {"who": who_goes(order)}
    context = {"title": title, "what": "withdraw", "alert": order.incident.alert}
    back = reverse("shelter_order", args=[order.pk])
    return filled(
        request, ReasonForm(request.POST or None), write, template="shelters/order_form.html", back=back, **context
    )
