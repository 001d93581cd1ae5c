"""What residents change, ask for and take away."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from lastmile.kernel import audit
from lastmile.kernel.doors import public
from lastmile.modules.mydata import paper
from lastmile.modules.mydata.actions import own, proof
from lastmile.modules.mydata.queries import held
from lastmile.modules.mydata.views.me import WHY
from lastmile.modules.mydata.views.resident import CODE, back, keep, proven, spoken


@require_POST
@public(WHY)
@spoken
def language(request: HttpRequest) -> HttpResponse:
    own.set_language(proven(request), request.POST.get("language", "")[:5])
    return back(request, part="basic")


@require_POST
@public(WHY)
@spoken
def contact(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    own.contact(proven(request), pk, verb)
    return back(request, part="contact")


@require_POST
@public(WHY)
@spoken
def number(request: HttpRequest) -> HttpResponse:
    """A code goes to the new number first: nobody is warned at a number that is not theirs."""
    token = proof.ask(request.POST.get("phone", "")[:40], adds=proven(request))
    return keep(back(request, "me_new_number"), CODE, token)


@require_POST
@public(WHY)
@spoken
def consent(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    own.withdraw(proven(request), kind, pk)
    return back(request, part="neighbours")


@require_POST
@public(WHY)
@spoken
def health(request: HttpRequest) -> HttpResponse:
    own.forget_health(proven(request))
    return back(request, part="health")


@require_POST
@public(WHY)
@spoken
def propose(request: HttpRequest) -> HttpResponse:
    own.propose(proven(request), request.POST.get("what", "")[:10], request.POST.get("wish", ""))
    return back(request, part="wishes")


@require_POST
@public(WHY)
@spoken
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """json, or pdf to print. Taking it away stands in the trail."""
    person = proven(request)
    found = held.export(person)
    audit.record("mydata.exported", actor=own.by(person), place=person.place_id, obj=person, kind=kind)
    if kind == "pdf":
        response = HttpResponse(paper.pdf(found), content_type="application/pdf")
    else:
        response = HttpResponse(json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="my-data.{"pdf" if kind == "pdf" else "json"}"'
    response["Cache-Control"] = "no-store"
    return response
