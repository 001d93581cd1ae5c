"""尽职证据 of one person: the page and the document, for themselves and for whoever calls people where they serve."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting.cascade import dossier, dossier_pdf
from lastmile.community.people.queries.ground import purpose
from lastmile.kernel.doors import actor, signed_in
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, may


def _made(request: HttpRequest, person: int, *, named: bool = False, why: str = "") -> dossier.Dossier:
    found = dossier.find(actor(request), person)
    when = dossier.period(request.GET.get("since", ""), request.GET.get("until", ""))
    return dossier.of(actor(request), found, when, named=named, why=why)


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
    return render(request, "alerting/calls/person.html", _about(request, found))


def _about(request: HttpRequest, found: dossier.Dossier) -> dict[str, object]:
    who, place = actor(request), found.person.place_id
    may_open = not found.own and may(who, Perm.PERSON_REVEAL, place)
    return {
        "found": found,
        "title": _("Evidence of duty"),
        "may_open": may_open,
        "on_duty": may_open and bool(purpose(who, place)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pdf(request: HttpRequest, person: int) -> HttpResponse:
    """Reading opens nothing: the name of somebody else stands in the document that was asked for with a reason."""
    try:
        found = _made(request, person, named=request.method == "POST", why=request.POST.get("reason", ""))
    except Refusal as refusal:
        if request.method != "POST" or not refusal.fields.get("reason"):
            raise
        context = _about(request, _made(request, person)) | {"refusal": refusal}
        return render(request, "alerting/calls/person.html", context, status=refusal.status)
    response = HttpResponse(dossier_pdf.pdf(found), content_type="application/pdf")
    name = f"evidence-of-duty-{person}-{found.period.since}-{found.period.until}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
