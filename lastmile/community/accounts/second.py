"""The second factor: a code from the phone beside the password, and recovery codes for the day the phone is gone.

Time-based codes (TOTP, RFC 6238; the library is pyotp): any authenticator app makes them, without network or number.
Who may issue, approve, export personal data or change log-ins needs one wherever others can reach the installation.
"""

from __future__ import annotations

import re
import secrets

import pyotp
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from pyotp.exceptions import OTPVerificationError

from lastmile.community.accounts.actions import require_tended
from lastmile.community.accounts.models import RecoveryCode, SecondFactor, User
from lastmile.community.accounts.passwords import READABLE
from lastmile.community.accounts.roles import MAY, Role
from lastmile.kernel import audit, checks, clock
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.permissions import Actor, Perm

GUARDED = (
    Perm.ALERT_ISSUE,
    Perm.ALERT_APPROVE,
    Perm.PERSON_EXPORT,
    Perm.SYSTEM_CONFIGURE,
    Perm.USER_EDIT,
    Perm.GRANT_EDIT,
    Perm.AUDIT_READ,
)
RECOVERY = 10  # codes
SALT, KEPT = "accounts.second", 3600  # seconds between the key on the page and its first code
CLOCK = 1  # half minutes by which a phone's clock may be wrong, each way


class WrongCode(Refusal):
    """Not the code of this half minute, used already, or no code at all: they look alike."""

    status = 403


def policy() -> str:
    """What LASTMILE_SECOND_FACTOR says; by itself "required" as soon as others can reach the installation."""
    return settings.SECOND_FACTOR or ("required" if checks.in_production() else "offered")


def required(user: User) -> bool:
    return policy() == "required" and any(user.scopes(perm) for perm in GUARDED)


def asked_of(role: Role) -> bool:
    """Whether whoever has this role needs one under the policy "required"."""
    return bool(MAY[role] & set(GUARDED))


def of(user: User) -> SecondFactor | None:
    """The factor that guards this log-in, if one does."""
    return SecondFactor.objects.filter(user=user).first()


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def offer(user: User) -> tuple[str, str]:
    """A new key for the app, in base32, and the same signed, for the form that brings it back with the first code."""
    secret = pyotp.random_base32()
    return secret, signing.dumps([user.pk, secret], salt=SALT)


def offered(user: User, signed: str) -> str:
    """The key that a form brings back. Raises Conflict when it is another log-in's, too old, or made up."""
    try:
        pk, secret = signing.loads(signed, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        pk, secret = None, ""
    if pk != user.pk:
        raise Conflict(_("This page is too old."), _("Reload it and scan the new code."))
    return str(secret)


def address(user: User, secret: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Lastmile")


@transaction.atomic
def confirm(user: User, secret: str, code: str) -> list[str]:
    """The first right code puts the factor in force; returns the recovery codes, shown once."""
    step = _step(secret, code)
    if step is None:
        raise _wrong()
    given = {"secret": secret, "since": clock.now(), "used_step": step}
    _row, new = SecondFactor.objects.get_or_create(user=user, defaults=given)
    if not new:
        raise Conflict(_("This log-in has a second factor already."), _("Take it away first to set up another phone."))
    audit.record("accounts.second_set", actor=user, place=user.home, obj=user)
    return _fresh_codes(user)


@transaction.atomic
def check(user: User, text: str) -> None:
    """Accept a code from the app or a recovery code, once. Raises WrongCode. The caller counts the attempts."""
    row = SecondFactor.objects.select_for_update().filter(user=user).first()
    if row is None or (not _fits(row, text) and not _recovered(user, text)):
        raise _wrong()


def _step(secret: str, text: str) -> int | None:
    """The half minute of which this is the code: now, a little before or after; None if of none."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            re.sub(r"\s", "", text), for_time=clock.now(), valid_window=CLOCK
        )
    except OTPVerificationError:
        return None


def _fits(row: SecondFactor, text: str) -> bool:
    """Whether it is a code of now, and later than the last one used; then it is used."""
    step = _step(row.secret.reveal(), text)
    if step is None or step <= row.used_step:
        return False
    row.used_step = step
    row.save(update_fields=["used_step"])
    return True


def _recovered(user: User, text: str) -> bool:
    found = RecoveryCode.objects.filter(user=user, digest__in=keyring().blinds(_written(user, text)), used_at=None)
    if not found.update(used_at=clock.now()):
        return False
    audit.record("accounts.recovery_used", actor=user, place=user.home, obj=user, left=codes_left(user))
    return True


def _digest(user: User, text: str) -> bytes:
    return keyring().blind(_written(user, text))


def _written(user: User, text: str) -> str:
    return f"recovery:{user.pk}:" + re.sub(r"[\s-]", "", text).lower()


@transaction.atomic
def renew_codes(user: User, code: str) -> list[str]:
    """New recovery codes in place of all old ones; costs a code of now."""
    check(user, code)
    audit.record("accounts.recovery_renewed", actor=user, place=user.home, obj=user)
    return _fresh_codes(user)


def _fresh_codes(user: User) -> list[str]:
    """Twelve readable characters each: 59 bits, for one use."""
    made = ["-".join("".join(secrets.choice(READABLE) for _i in range(4)) for _j in range(3)) for _n in range(RECOVERY)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in made)
    return made


@transaction.atomic
def remove(user: User, code: str) -> None:
    """The owner takes it away, with a code; not where it is demanded: there another phone is set up at once."""
    check(user, code)
    _drop(user)
    audit.record("accounts.second_removed", actor=user, place=user.home, obj=user)


@transaction.atomic
def reset(user: User, *, by: Actor) -> None:
    """A security administrator takes it away, from somebody whose phone and recovery codes are gone."""
    require_tended(user, by)
    if not _drop(user):
        raise Conflict(_("This log-in has no second factor."), _("Reload the page."))
    audit.record("accounts.second_reset", actor=by, place=user.home, obj=user)


def _drop(user: User) -> int:
    RecoveryCode.objects.filter(user=user).delete()
    return SecondFactor.objects.filter(user=user).delete()[0]


def _wrong() -> WrongCode:
    return WrongCode(
        _("This code is wrong, or was used already."),
        _("Wait for the next code of the app and check the clock of your phone; or use a recovery code."),
    )


def missing() -> NotAllowed:
    """What a program hears that works under a log-in which still lacks its second factor."""
    return NotAllowed(_("Set up a second factor first."), _("Open the console and log in."))
