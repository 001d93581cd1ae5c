"""Prove who one is, and read what is held about oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lastmile.alerting.public.showing import own
from lastmile.kernel.doors import public
from lastmile.kernel.errors import Refusal
from lastmile.modules.mydata.actions import proof
from lastmile.modules.mydata.models import Proposal
from lastmile.modules.mydata.queries import held, masks
from lastmile.modules.mydata.views.resident import CODE, ME, back, drop, keep, present, proven, spoken

WHY = "residents prove who they are by a code to their phone"


@require_safe
@public(WHY)
@spoken
def page(request: HttpRequest) -> HttpResponse:
    """The beginning, the choice of a name, or everything about the one who is proven."""
    found = present(request)
    if found is None:
        return own(request, "mydata/begin.html", {"works": bool(proof.writers())})
    if found.person is None:
        return own(request, "mydata/choose.html", {"names": masks(found.persons)})
    context = held.everything(found.person) | {
        "until": found.until,
        "whats": Proposal.What.choices,
        "others": len(found.persons) > 1,
        "numbers": sum(one.usable for one in found.person.contacts.all()),
    }
    return own(request, "mydata/me.html", context)


@require_POST
@public(WHY)
@spoken
def ask(request: HttpRequest) -> HttpResponse:
    token = proof.ask(request.POST.get("phone", "")[:40])
    return keep(back(request, "me_code"), CODE, token)


@require_safe
@public(WHY)
@spoken
def code(request: HttpRequest) -> HttpResponse:
    return own(request, "mydata/code.html", {"asked": CODE in request.COOKIES})


@require_safe
@public(WHY)
@spoken
def new_number(request: HttpRequest) -> HttpResponse:
    """The same for a number that is added: it opens nothing."""
    return own(request, "mydata/code.html", {"asked": CODE in request.COOKIES, "adds": True})


@require_POST
@public(WHY)
@spoken
def enter(request: HttpRequest) -> HttpResponse:
    token, typed = request.COOKIES.get(CODE, "")[:100], "".join(request.POST.get("code", "")[:20].split())
    if not token or not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        raise Refusal(
            _("A code has six digits."), _("Look at the SMS again."), fields={"code": _("Six digits, please.")}
        )
    if request.POST.get("adds"):
        proof.add(proven(request), token, typed)
        return drop(back(request, part="contact"), CODE)
    return drop(keep(back(request), ME, proof.enter(token, typed)), CODE)


@require_POST
@public(WHY)
@spoken
def choose(request: HttpRequest) -> HttpResponse:
    found, typed = present(request), request.POST.get("person", "")[:12]
    if found is None:
        return back(request)
    proof.choose(found, int(typed) if typed.isascii() and typed.isdigit() else 0)
    return back(request)


@require_POST
@public(WHY)
@spoken
def leave(request: HttpRequest) -> HttpResponse:
    found = present(request)
    if found is not None:
        proof.leave(found)
    return drop(back(request), ME, CODE)
