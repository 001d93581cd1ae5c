"""尽职证据 of one person: the page and the document, for themselves and for whoever calls people where they serve."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting.cascade import dossier, dossier_pdf
from lastmile.kernel.doors import actor, signed_in


def _made(request: HttpRequest, person: int, *, named: bool = False) -> dossier.Dossier:
    found = dossier.find(actor(request), person)
    when = dossier.period(request.GET.get("since", ""), request.GET.get("until", ""))
    return dossier.of(actor(request), found, when, named=named)


@require_GET
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    person = getattr(request.user, "person_id", None)
    if person is None:
        says = _("No person stands behind your log-in.")
        mend = _("Ask the security administrator to connect it with the person who holds your post.")
        messages.warning(request, f"{says} {mend}")
        return redirect("account")
    return redirect("calls:person", person=person)


@require_GET
@signed_in
def page(request: HttpRequest, person: int) -> HttpResponse:
    found = _made(request, person)
    return render(request, "alerting/calls/person.html", {"found": found, "title": _("Evidence of duty")})


@require_GET
@signed_in
def pdf(request: HttpRequest, person: int) -> HttpResponse:
    found = _made(request, person, named=True)
    response = HttpResponse(dossier_pdf.pdf(found), content_type="application/pdf")
    name = f"evidence-of-duty-{person}-{found.period.since}-{found.period.until}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
