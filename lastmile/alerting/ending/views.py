"""Certificates of destruction, on the page and as PDF; what waits to be destroyed, and what is held back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting.ending import certificate, holding, queries, sources
from lastmile.alerting.ending.certificate import headline
from lastmile.kernel import retention
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import Column, Days, ListPage
from lastmile.kernel.permissions import Perm


def _columns() -> list[Column]:
    return [
        Column("at", _("Destroyed"), sort="at"),
        Column(
            "event",
            _("Warning"),
            value=lambda row: headline(row.event),
            link=lambda row: reverse("ending:one", args=[row.pk]),
        ),
        Column("total", _("Values destroyed"), sort="total", number=True),
    ]


def _words() -> dict[str, Any]:
    intro = _(
        "Words of people in a warning and names of strangers at shelters are destroyed %(days)d days after it is over."
    )
    return {
        "title": _("Certificates of destruction"),
        "intro": intro % {"days": retention.days(sources.EVENT)},
        "empty_hint": _("The first certificate appears when the first warning has been over for so long."),
        "actions": [
            {"url": reverse("ending:waiting"), "icon": "clock", "label": _("Waiting and held")},
            {"url": reverse("retention"), "icon": "list-check", "label": _("How long data is kept")},
        ],
    }


@require_GET
@needs(*queries.PERMS)
def listing(request: HttpRequest) -> HttpResponse:
    page = ListPage(
        request,
        queries.destructions(actor(request)),
        columns=_columns(),
        search=["event__identifier", "event__alert__headline"],
        days=[Days("at", _("Destroyed"))],
        order=("-id",),
        filename="destroyed",
    )
    return page.response(request, **_words())


@require_GET
@needs(*queries.PERMS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    done = queries.destruction(actor(request), pk)
    context = {
        "title": _("Certificate of destruction"),
        "done": done,
        "headline": headline(done.event),
        "signature": bytes(done.signature).hex(),
        **certificate.facts(done),
    }
    return render(request, "alerting/ending/certificate.html", context)


@require_GET
@needs(*queries.PERMS)
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    done = queries.destruction(actor(request), pk)
    response = HttpResponse(certificate.pdf(done), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="destroyed-{done.pk}.pdf"'
    return response


@require_GET
@needs(*queries.PERMS)
def waiting(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    context = {
        "title": _("Waiting and held"),
        "rows": queries.waiting(who),
        "released": queries.released(who)[:50],
        "may_hold": bool(who.scopes(Perm.RETENTION_EDIT)),
        "days": retention.days(sources.EVENT),
    }
    return render(request, "alerting/ending/waiting.html", context)


@require_POST
@needs(Perm.RETENTION_EDIT)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    holding.hold(actor(request), pk, request.POST.get("reason", ""))
    messages.success(request, _("Held: nothing of this warning is destroyed until it is released."))
    return redirect("ending:waiting")


@require_POST
@needs(Perm.RETENTION_EDIT)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    holding.release(actor(request), pk, request.POST.get("reason", ""))
    messages.success(request, _("Released: it is destroyed when its time is over."))
    return redirect("ending:waiting")
