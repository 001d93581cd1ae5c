"""Prove by a code sent to the phone who one is: ask, send, enter, choose.

1. `ask` writes the same row and queues the same job for every number; whether anybody has it is looked up by the job
   alone, so neither words nor time tell who is on file.
2. The code is good for ten minutes, five tries, once, and only for the browser that asked.
3. `enter` opens a session of its own: a new random cookie, a quarter of an hour, nothing of the staff's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from lastmile.alerting import desk
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import What
from lastmile.community.people import actions as people
from lastmile.community.people import phones
from lastmile.community.people.models import Contact, Person
from lastmile.kernel import audit, clock, limits, locks
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Refusal
from lastmile.kernel.queue import app
from lastmile.modules.mydata.actor import Own
from lastmile.modules.mydata.models import Challenge, Session
from lastmile.modules.mydata.queries import bearers

JOB = "mydata.send_code"
GOOD_FOR = timedelta(minutes=10)
TRIES = 5
SESSION = timedelta(minutes=15)
KEPT = timedelta(days=1)
PER_ADDRESS = 5  # askings a minute from one address
PER_NUMBER = 3  # in HOUR
HOUR = timedelta(hours=1)
TOGETHER = 120  # askings a minute of all: what a gateway charges for is bounded
ENTRIES = 10  # codes entered a minute from one address


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _digest(token: bytes, code: str) -> bytes:
    """Of a code, by a key: the million codes there are can't be tried on what the database holds."""
    key = hashlib.blake2b(key=bytes.fromhex(settings.LINK_KEY), digest_size=32, person=b"mydata code").digest()
    return hmac.new(key, token + code.encode(), hashlib.sha256).digest()


def writers() -> list[str]:
    """Channels in service that write to a phone."""
    return [name for name, kind in registry.writing(registry.in_service()) if kind == Contact.Kind.PHONE]


def ask(number: str, *, adds: Person | None = None) -> str:
    """The cookie of the browser that asked. Raises Refusal for what is no number, TooOften."""
    limits.take(f"mydata ask {limits.caller()}", PER_ADDRESS)
    limits.take("mydata ask", TOGETHER)
    number = phones.normal(Contact.Kind.PHONE, number)
    blind, token, now = keyring().blind(number), secrets.token_urlsafe(32), clock.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        locks.wait(f"mydata {blind.hex()}")
        if Challenge.objects.filter(blind=blind, made_at__gt=now - HOUR).count() >= PER_NUMBER:
            raise limits.TooOften(
                _("Too many codes were asked for this number."), _("Wait an hour, or go to your community office.")
            )
        made = Challenge.objects.create(
            token=hashed(token),
            blind=blind,
            phone=number,
            code=code,
            digest=_digest(hashed(token), code),
            adds=adds,
            number=number if adds else None,
            made_at=now,
        )
        app.configure_task(JOB).defer(pk=made.pk)
    return token


def send(pk: int) -> bool:
    """The job: to a number of somebody on file, or one that somebody adds. Whether it went out."""
    with transaction.atomic():
        one = Challenge.objects.select_for_update().filter(pk=pk, phone__isnull=False).first()
        if one is None or one.phone is None or one.code is None:
            return False
        phone, code = one.phone.reveal(), one.code.reveal()
        one.phone = one.code = None  # before it is sent: a code is rather lost than sent twice
        one.save(update_fields=["phone", "code"])
    known = [one.adds] if one.adds else bearers(phone)
    if not known or clock.now() - one.made_at > GOOD_FOR:
        return False
    with translation.override("en" if known[0].language == "en" else settings.LANGUAGE_CODE):
        text = _("Your code is %(code)s, good for 10 minutes, to see your own data. Never tell it to anybody.") % {
            "code": code
        }
    place = known[0].place_id  # whose account pays, as for a warning to them
    return any(desk.write(name, phone, text, place=place).what is What.ACCEPTED for name in writers()[:1])


def enter(token: str, code: str) -> str:
    """The cookie of a new session. Raises Refusal for a wrong, used or old code, all in the same words."""
    one = _entered(token, code)
    persons = bearers(blinds=[bytes(one.blind)]) if one is not None and one.adds_id is None else []
    if not persons:
        raise _wrong()
    return _open([person.pk for person in persons])


def add(person: Person, token: str, code: str) -> None:
    """A new number of whoever is proven, now that its code came back. Raises Refusal as `enter`."""
    one = _entered(token, code)
    if one is None or one.adds_id != person.pk or one.number is None:
        raise _wrong()
    people.new_contact(person, Contact.Kind.PHONE, one.number.reveal(), by=Own(person.pk))
    Challenge.objects.filter(pk=one.pk).update(number=None)


def _wrong() -> Refusal:
    return Refusal(
        _("This code does not open anything."),
        _("Look at the SMS again. A code is good for 10 minutes and 5 tries; ask for a new one if need be."),
        fields={"code": _("Not this code.")},
    )


def _entered(token: str, code: str) -> Challenge | None:
    limits.take(f"mydata enter {limits.caller()}", ENTRIES)
    return _used(token, code)


def _used(token: str, code: str) -> Challenge | None:
    """The challenge, used up by the right code; each try counts, in a statement of its own."""
    fresh = {"token": hashed(token), "used_at": None, "made_at__gt": clock.now() - GOOD_FOR}
    if not Challenge.objects.filter(**fresh, tries__lt=TRIES).update(tries=F("tries") + 1):
        return None
    one = Challenge.objects.get(token=hashed(token))
    right = hmac.compare_digest(bytes(one.digest), _digest(bytes(one.token), code.strip()[:12]))
    return one if right and Challenge.objects.filter(**fresh).update(used_at=clock.now()) else None


def _open(persons: list[int]) -> str:
    token = secrets.token_urlsafe(32)
    chosen = persons[0] if len(persons) == 1 else None
    Session.objects.create(token=hashed(token), persons=persons, person_id=chosen, until=clock.now() + SESSION)
    audit.record("mydata.opened", object_type="people.person", object_id=str(chosen or ""), persons=len(persons))
    return token


def choose(session: Session, person: int) -> None:
    """One of those whom the number proves. Raises Refusal for anybody else."""
    if person not in session.persons:
        raise Refusal(_("This number does not prove that."), _("Choose a name of the list."))
    Session.objects.filter(pk=session.pk).update(person=person)


def leave(session: Session) -> None:
    session.delete()


def sweep() -> int:
    """The workers' chore: what is over goes."""
    gone, _each = Challenge.objects.filter(made_at__lt=clock.now() - KEPT).delete()
    over, _each = Session.objects.filter(until__lt=clock.now()).delete()
    return gone + over
