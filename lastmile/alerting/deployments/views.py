"""Pages of the links to other deployments, and the two doors at which these knock: pairing, receipts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import queries as alerts
from lastmile.alerting import reported
from lastmile.alerting.deployments import actions, pairing, queries, taking, wire
from lastmile.alerting.deployments.forms import InviteForm, JoinForm
from lastmile.alerting.models import Deployment
from lastmile.community.org.models import Place
from lastmile.kernel import limits
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm, may

PAIRINGS = 10  # a minute, from one address


@require_GET
@needs(Perm.SOURCE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    return _listed(request)


def _listed(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = [
        {"link": one, "health": reported.health(one), **queries.counts(one)} for one in queries.links(actor(request))
    ]
    context = {
        "title": _("Deployments above and below"),
        "rows": rows,
        "places": alerts.keeping_places(actor(request), Perm.DEPLOYMENT_EDIT),
        "chosen": request.POST.get("place", ""),
        "invite_form": InviteForm(prefix="invite"),
        "join_form": JoinForm(),
    }
    return render(request, "alerting/deployments/listing.html", context | more, status=status)


def _place(request: HttpRequest) -> Place:
    return alerts.keeping_place(actor(request), Perm.DEPLOYMENT_EDIT, request.POST.get("place"))


@require_POST
@needs(Perm.DEPLOYMENT_EDIT)
def invite(request: HttpRequest) -> HttpResponse:
    """A code for a deployment below, shown this once."""
    form, place = InviteForm(request.POST, prefix="invite"), _place(request)
    if not form.is_valid():
        return _listed(request, invite_form=form, status=422)
    try:
        made, code = pairing.invite(actor(request), place, **form.cleaned_data)
    except Refusal as refusal:
        return _listed(request, invite_form=form, refusal=refusal, status=refusal.status)
    return _shown(request, made, code)


@require_POST
@needs(Perm.DEPLOYMENT_EDIT)
def join(request: HttpRequest) -> HttpResponse:
    """The code of a deployment above; a worker pairs within seconds."""
    form, place = JoinForm(request.POST), _place(request)
    if not form.is_valid():
        return _listed(request, join_form=form, status=422)
    try:
        made = pairing.join(actor(request), place, **form.cleaned_data)
    except Refusal as refusal:
        return _listed(request, join_form=form, refusal=refusal, status=refusal.status)
    messages.success(request, _("It is paired within seconds. Reload the page to see it."))
    return redirect("deployments:page", made.pk)


@require_GET
@needs(Perm.SOURCE_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, queries.link(actor(request), pk))


def _shown(request: HttpRequest, link: Deployment, code: str = "") -> HttpResponse:
    context = {
        "title": link.name,
        "link": link,
        "code": code,
        "health": reported.health(link),
        "counts": queries.counts(link),
        "receipts": queries.receipts(link),
        "sources": link.sources.order_by("pk"),
        "ours": wire.fingerprint(wire.public_of(wire.own_key(link))),
        "theirs": wire.fingerprint(link.peer_keys[0]) if link.peer_keys else "",
        "skewed": link.skew is not None and abs(link.skew) > reported.SKEW,
        "may_edit": may(actor(request), Perm.DEPLOYMENT_EDIT, link.place_id),
    }
    return render(request, "alerting/deployments/page.html", context)


@require_POST
@needs(Perm.DEPLOYMENT_EDIT)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """end, key, speak."""
    person, link = actor(request), queries.link(actor(request), pk, Perm.DEPLOYMENT_EDIT)
    if verb == "end":
        actions.end(person, link)
        messages.success(request, _("Ended. Nothing goes there, and nothing that comes from there counts."))
    elif verb == "key":
        actions.rotate(person, link)
        messages.success(request, _("The new key is used as soon as the other side knows it."))
    elif verb == "speak":
        actions.speak(person, link)
        messages.success(request, _("It is spoken to within seconds. Reload the page to see what came of it."))
    else:
        raise NotFound(_("There is no such step."), _("Go back to the list."))
    return redirect("deployments:page", pk)


@csrf_exempt
@require_POST
@public("for deployments below that are being paired; the one-time code opens it")
def pair(request: HttpRequest) -> HttpResponse:
    try:
        limits.take(f"pair:{limits.caller()}", PAIRINGS)
        body, proof = pairing.answer(request.body, request.headers.get(wire.SIGNATURE, ""))
    except Refusal as refusal:
        return _refused(refusal)
    return HttpResponse(body, content_type="application/json", headers={wire.SIGNATURE: proof})


@csrf_exempt
@require_POST
@public("for deployments below that report back; their signature opens it")
def receipts(request: HttpRequest) -> HttpResponse:
    try:
        answer = taking.take(request.body, request.headers.get(wire.SIGNATURE, ""))
    except Refusal as refusal:
        return _refused(refusal)
    headers = {wire.SIGNATURE: answer.signature}
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=headers)


def _refused(refusal: Refusal) -> HttpResponse:
    says = {"says": f"{refusal.says} {refusal.mend}".strip()}
    return JsonResponse(says, status=refusal.status, json_dumps_params={"ensure_ascii": False})
