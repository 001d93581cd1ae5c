"""Ask to be told by mail, confirm it by a link that only the owner of the address gets, change it, end it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.channels.email.mail import BadAddress, recipient
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Follower, Told
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.queue import app

CONFIRM = "alerting.confirm_follower"  # the job, in tasks.py
UNCONFIRMED = timedelta(days=2)  # after which what nobody confirmed is destroyed
KEPT = timedelta(days=90)  # after which is destroyed who was told what
AGAIN = timedelta(minutes=30)  # after which the same wish is mailed again
PER_ADDRESS = 3  # such mails to one address in that time, whoever asks for them


def ask_mail(address: str, place: str, colour: int, language: str) -> None:
    """Note the wish and have its link sent. Nothing here or in the answer tells whether the address is known.

    What has been confirmed is not changed: whoever types an address need not be its owner. Raises Refusal.
    """
    address = address.strip().lower()[:200]
    try:
        recipient(address)
    except BadAddress as error:
        raise Refusal(_("This is not an e-mail address."), _("Write it like name@example.cn.")) from error
    now, mark = clock.now(), keyring().blind(address)
    recent = Follower.objects.filter(kind=Follower.Kind.MAIL, mark=mark, asked_at__gt=now - AGAIN)
    if recent.filter(place=place).exists() or recent.count() >= PER_ADDRESS:
        return  # nobody's mailbox is filled by others
    wish = {"asked_at": now, "colour": colour, "language": language}
    with transaction.atomic():
        found, made = Follower.objects.get_or_create(
            kind=Follower.Kind.MAIL,
            mark=mark,
            place=place,
            defaults={**wish, "address": address, "secret": secret()},
        )
        if not made:
            same = Follower.objects.filter(pk=found.pk)
            same.update(**wish) if found.confirmed_at is None else same.update(asked_at=now)
        app.configure_task(CONFIRM).defer(key=found.pk)


def place_of(text: str) -> str:
    """The code of a place that exists; "" is everywhere."""
    code = text if text.isascii() and text.isdigit() and len(text) <= 15 else ""
    return code if code and Place.objects.current().filter(pk=code).exists() else ""


def secret() -> str:
    return secrets.token_urlsafe(24)


def colour(text: str) -> int:
    """The mildest colour that was chosen; all of them for anything that is none."""
    return int(text) if text in {str(one.value) for one in Colour} else int(Colour.BLUE)


def where(code: str) -> str:
    """The name of a place that is followed."""
    name = Place.objects.filter(pk=code).values_list("name", flat=True).first() if code else None
    return name or pgettext("public", "every place here")


def link(follower: Follower) -> str:
    """The page of one follower; also what a mail program posts to (RFC 8058)."""
    return settings.PUBLIC_URL + reverse("my_following", args=[follower.secret])


def found(text: str) -> Follower:
    """By the secret in a link. Raises NotFound."""
    follower = Follower.objects.filter(secret=text[:32].replace("\0", "")).first()
    if follower is None:
        raise NotFound(
            _("Nothing is sent for this link: it was ended, or nobody confirmed it in time."),
            _("To be told again, ask on the page “Follow”."),
        )
    return follower


def confirm(follower: Follower) -> None:
    Follower.objects.filter(pk=follower.pk, confirmed_at=None).update(confirmed_at=clock.now())


def change(follower: Follower, colour: int, language: str) -> None:
    Follower.objects.filter(pk=follower.pk).update(colour=colour, language=language)


def leave(follower: Follower) -> None:
    """Destroyed, with everything that is waiting for it."""
    Follower.objects.filter(pk=follower.pk).delete()


def forget() -> int:
    """Destroy what nobody confirmed, and who was told what of long ago."""
    now = clock.now()
    late = Follower.objects.filter(confirmed_at=None, asked_at__lt=now - UNCONFIRMED)
    old = Told.objects.filter(event__sent_at__lt=now - KEPT)
    return late.delete()[0] + old.delete()[0]
