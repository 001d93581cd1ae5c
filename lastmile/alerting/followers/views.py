"""Follow a place: ask, confirm, change, end. A GET changes nothing: programs that read mail open every link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.alerting.followers import asking
from lastmile.alerting.models import Follower
from lastmile.alerting.public.showing import colour_choices, in_language, language, own
from lastmile.community.org.models import Place
from lastmile.kernel.doors import public
from lastmile.kernel.errors import Refusal
from lastmile.kernel.limits import limited

ASKS = 5  # a minute from one address


@require_POST
@csrf_exempt  # without cookies there is no token; what it does is limited, and void until the owner has confirmed
@public("to ask for warnings by mail; nothing is sent before the owner of the address confirms")
@in_language
@limited("follow-mail", per_minute=ASKS)
def ask_mail(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("address", "").replace("\0", "")
    place = asking.place_of(request.POST.get("place", ""))
    wanted = asking.colour(request.POST.get("colour", ""))
    try:
        asking.ask_mail(typed, place, wanted, language())
    except Refusal as refusal:  # nothing typed is lost, and nobody is led into the console
        context = {"refusal": refusal, "typed": typed[:200], "wanted": wanted, "colours": colour_choices()}
        context["place"] = Place.objects.filter(pk=place).first() if place else None
        return own(request, "alerting/public/mail_refused.html", context, status=refusal.status)
    return own(request, "alerting/public/asked.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # the secret in the address is the token; a mail program posts here by itself (RFC 8058)
@public("whoever has the link from the mail")
@in_language
def mine(request: HttpRequest, secret: str) -> HttpResponse:
    follower = asking.found(secret)
    if request.method == "POST":
        return _changed(request, follower)
    context = {"follower": follower, "where": asking.where(follower.place), "colours": colour_choices()}
    response = own(request, "alerting/public/mine.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _changed(request: HttpRequest, follower: Follower) -> HttpResponse:
    act = "leave" if "List-Unsubscribe" in request.POST else request.POST.get("act", "")
    if act == "leave":
        asking.leave(follower)
        return own(request, "alerting/public/left.html", {"where": asking.where(follower.place)})
    if act == "confirm":
        asking.confirm(follower)
    elif act == "change":
        spoken = "en" if request.POST.get("language") == "en" else "zh"
        asking.change(follower, asking.colour(request.POST.get("colour", "")), spoken)
    return redirect("my_following", secret=follower.secret)
