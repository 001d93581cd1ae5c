"""Follow with a browser: it asked its owner, and gave us the address of its push service and its keys."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lastmile.alerting.channels import sealing
from lastmile.alerting.followers import asking, pushes
from lastmile.alerting.models import Follower
from lastmile.alerting.public.showing import in_language, language
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from lastmile.kernel.doors import public
from lastmile.kernel.errors import Refusal
from lastmile.kernel.limits import limited
from lastmile.kernel.refusals import as_json

ASKS = 10  # a minute from one address
MOST = 10  # places of one browser
LONGEST = 6_000  # bytes of a wish
PUSH = Follower.Kind.PUSH


@require_POST
@csrf_exempt  # without cookies there is no token; a browser can follow for itself alone
@public("a browser that its owner let follow warnings")
@in_language
@limited("follow-push", per_minute=ASKS)
def ask(request: HttpRequest) -> HttpResponse:
    """{"subscription": …, "place": code, "colour": 1…4} follows; with "old": address, the browser has a new one."""
    try:
        wish, browser = _read(request)
        if wish.get("old"):
            return JsonResponse({"moved": moved(str(wish["old"]), *browser)})
        place = asking.place_of(str(wish.get("place", "")))
        one = follow(*browser, place, asking.colour(str(wish.get("colour", ""))), language())
    except Refusal as refusal:
        return as_json(refusal)
    answer = {"link": reverse("my_following", args=[one.secret]), "where": asking.where(one.place), "place": one.place}
    return JsonResponse(answer, status=201)


def _read(request: HttpRequest) -> tuple[dict[str, Any], tuple[str, str]]:
    """The wish; the endpoint and keys in it. Raises Refusal."""
    try:
        wish = json.loads(request.body[:LONGEST])
        given = wish["subscription"]
        endpoint, keys = str(given["endpoint"]), given["keys"]
        p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
        sealing.Browser.read(p256dh, auth)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(_("This is not what a browser gives."), _("Reload the page and try again."), status=422) from None
    pushes.checked(endpoint)
    return wish, (endpoint, f"{p256dh} {auth}")


def follow(endpoint: str, keys: str, place: str, colour: int, spoken: str) -> Follower:
    """One of a browser and a place; asked again, it is changed: whoever has the address and keys is the browser."""
    mark, now = keyring().blind(endpoint), clock.now()
    if Follower.objects.filter(kind=PUSH, mark=mark).exclude(place=place).count() >= MOST:
        raise Refusal(_("One browser follows ten places at most."), _("End one of them first."), status=409)
    wish = {"colour": colour, "language": spoken, "keys": keys, "failures": 0}
    with transaction.atomic():
        one, made = Follower.objects.get_or_create(
            kind=PUSH,
            mark=mark,
            place=place,
            defaults={**wish, "address": endpoint, "secret": asking.secret(), "asked_at": now, "confirmed_at": now},
        )
        if not made:
            for name, value in wish.items():
                setattr(one, name, value)
            one.save(update_fields=list(wish))
    return one


def moved(old: str, endpoint: str, keys: str) -> int:
    """The browser has a new address: who knows the old one is that browser. How many places follow it there."""
    rows = Follower.objects.filter(kind=PUSH, mark=keyring().blind(old))
    there = Follower.objects.filter(kind=PUSH, mark=keyring().blind(endpoint)).values_list("place", flat=True)
    with transaction.atomic():
        rows.filter(place__in=list(there)).delete()
        count = 0
        for one in rows.select_for_update():
            one.address, one.keys, one.mark = endpoint, keys, keyring().blind(endpoint)
            one.save(update_fields=["address", "keys", "mark"])
            count += 1
    return count
