"""Pair two deployments: the upper one invites and shows a code, the lower one enters it, both learn the other's key.

The code never goes over the line: each side proves that it has it. A repeated request gets the same answer, so a
lost one harms nothing. The code opens nothing any more after a day, or once the lower one has signed with its key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.alerting.cap import keys
from lastmile.alerting.deployments import wire
from lastmile.alerting.models import Deployment, Source
from lastmile.community.org.models import Level, Place
from lastmile.kernel import audit, clock, locks, outward
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

VALID: Final = timedelta(hours=24)  # of a code
INTERVAL: Final = 20  # seconds between two looks at the feed above
OPEN: Final = (Deployment.State.INVITED, Deployment.State.JOINING, Deployment.State.ACTIVE)
Side, State = Deployment.Side, Deployment.State


@transaction.atomic
def invite(actor: Actor | None, place: Place, *, name: str) -> tuple[Deployment, str]:
    """Above: (a link to a deployment that answers for this place, the code that opens it once)."""
    _allowed(actor, place)
    locks.wait("alerting.deployments")  # of two invitations for one place the second sees the first
    now = clock.now()
    for other in Deployment.objects.filter(side=Side.BELOW, state__in=OPEN).select_related("place"):
        if other.state == State.INVITED and other.code_until and other.code_until <= now:
            _close(other, now)
        elif other.place_id.startswith(place.code) or place.code.startswith(other.place_id):
            said = {"name": other.name, "place": other.place.name}
            raise Refusal(
                _("“%(name)s” answers for %(place)s already: its people would count twice.") % said,
                _("End that link first, or choose another place."),
                status=409,
            )
    uid, secret = wire.new_code()
    link = _new(actor, place, uid, secret, name=name, side=Side.BELOW, state=State.INVITED)
    audit.record("alerting.deployment_invited", actor=actor, place=place.code, obj=link, name=link.name)
    return link, wire.shown(uid, secret)


@transaction.atomic
def join(actor: Actor | None, place: Place, *, url: str, code: str, name: str = "") -> Deployment:
    """Below: enter what the upper one has shown. A worker does the rest within seconds."""
    _allowed(actor, place)
    uid, secret = wire.typed(code)
    address = str(outward.check(url, private=settings.FEED_PRIVATE)).rstrip("/")
    if Deployment.objects.filter(uid=uid, side=Side.ABOVE).exists():
        raise Refusal(
            _("This code was entered here already."),
            _("Look at the list, or let the deployment above make a new one."),
            status=409,
            fields={"code": _("entered already")},
        )
    more: dict[str, Any] = {"name": name or address.partition("://")[2], "url": address, "due_at": clock.now()}
    link = _new(actor, place, uid, secret, side=Side.ABOVE, state=State.JOINING, **more)
    audit.record("alerting.deployment_joining", actor=actor, place=place.code, obj=link, url=address)
    return link


def _allowed(actor: Actor | None, place: Place) -> None:
    """None is whoever may use the machine's own terminal."""
    if actor is not None:
        require(actor, Perm.DEPLOYMENT_EDIT, place.code)
    if place.level not in (Level.CITY, Level.COUNTY):
        raise Refusal(
            _("A deployment answers for a city or a county: below, nobody issues."),
            _("Choose the county."),
            fields={"place": _("too low or too high")},
        )


def _new(actor: Actor | None, place: Place, uid: str, secret: str, *, name: str, **more: Any) -> Deployment:
    if not name.strip():
        raise Refusal(_("The deployment has no name."), _("Name whose system it is."), fields={"name": _("missing")})
    now = clock.now()
    made = Deployment.objects.create(
        uid=uid,
        place=place,
        name=name.strip()[:80],
        code=secret,
        code_until=now + VALID,
        key=wire.new_key(),
        created_by_id=actor.pk if actor else None,
        created_at=now,
        **more,
    )
    made.refresh_from_db()  # its keys sealed
    return made


def _close(link: Deployment, now: datetime) -> None:
    Deployment.objects.filter(pk=link.pk).update(state=State.ENDED, ended_at=now, code=None)


def request(link: Deployment) -> tuple[bytes, dict[str, str]]:
    """Below: what is asked of the deployment above, made before anything is awaited."""
    wish = {"uid": link.uid, "key": wire.public_of(wire.own_key(link)), "place": link.place_id}
    body = wire.plain(wish | {"name": link.place.name, "url": settings.PUBLIC_URL, "at": clock.now().timestamp()})
    return body, {wire.SIGNATURE: wire.prove(wire.code_of(link), wire.PAIR, body), "Content-Type": "application/json"}


@transaction.atomic
def answer(body: bytes, proof: str) -> tuple[bytes, str]:
    """Above: (what the lower one is told, the proof that it comes from us). Raises Refusal."""
    wish, now = wire.parsed(body), clock.now()
    rows = Deployment.objects.select_for_update(of=("self",)).filter(side=Side.BELOW)
    link = rows.select_related("place__parent").filter(uid=wire.text(wish.get("uid"), 40)).first()
    code = wire.code_of(link) if link and link.state in (State.INVITED, State.ACTIVE) else ""
    over = link is None or link.code_until is None or link.code_until <= now
    if link is None or over or not wire.proven(code, wire.PAIR, body, proof):
        raise Refusal(
            _("This code opens nothing here: it is mistyped, used, or older than a day."),
            _("Let the deployment above make a new one."),
            status=403,
        )
    key = wish.get("key")
    if not wire.is_key(key) or wish.get("place") != link.place_id:
        raise Refusal(
            _("The code is for %(place)s, and not for what was chosen there.") % {"place": link.place_id},
            _("Choose the place the code was made for."),
            status=409,
        )
    _paired(link, str(key), wire.text(wish.get("url"), 500), now)
    told = {
        "name": link.place.parent.name if link.place.parent else settings.CAP_SENDER,
        "key": wire.public_of(wire.own_key(link)),
        "place": link.place_id,
        "certificate": keys.certificate(),
        "feed": f"{reverse('public_feed')}?place={link.place_id}&ended=1",
        "at": now.timestamp(),
    }
    made = wire.plain(told)
    return made, wire.prove(code, wire.PAIRED, made)


def _paired(link: Deployment, key: str, url: str, now: datetime) -> None:
    """The first who shows the code; afterwards only the same one again."""
    if link.state == State.ACTIVE:
        if link.peer_keys != [key]:
            raise Refusal(_("This code was used by another deployment."), _("End the link and pair anew."), status=409)
        return
    fields = {"state": State.ACTIVE, "peer_keys": [key], "url": url, "paired_at": now}
    Deployment.objects.filter(pk=link.pk).update(**fields)
    audit.record("alerting.deployment_paired", actor=None, place=link.place_id, obj=link, key=wire.fingerprint(key))


@transaction.atomic
def settle(link: Deployment, body: bytes, proof: str) -> str:
    """Below: believe the deployment above from now on, and take its warnings in. "" or what is wrong, in words."""
    told = wire.parsed(body)
    if not wire.proven(wire.code_of(link), wire.PAIRED, body, proof) or not wire.is_key(told.get("key")):
        return _("Whoever answers at this address does not know the code. Check the address.")
    now = clock.now()
    held = Deployment.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if held.state != State.JOINING:
        return ""
    held.state, held.peer_keys, held.code, held.code_until = State.ACTIVE, [told["key"]], None, None
    held.paired_at = held.seen_at = held.due_at = held.write_at = now
    held.failures, held.error = 0, ""
    held.save()
    held.sources.add(_source(held, told, now))
    audit.record(
        "alerting.deployment_paired", actor=None, place=held.place_id, obj=held, key=wire.fingerprint(told["key"])
    )
    return ""


def _source(link: Deployment, told: dict[str, Any], now: datetime) -> Source:
    made = Source.objects.create(
        kind=Source.Kind.FEED,
        name=link.name,
        place=link.place,
        url=link.url + wire.text(told.get("feed"), 200),
        anchors=wire.text(told.get("certificate"), 20_000),
        interval=INTERVAL,
        created_at=now,
        changed_at=now,
        due_at=now,
    )
    audit.record("alerting.source_added", actor=None, place=link.place_id, obj=made, kind=made.kind, url=made.url)
    return made
