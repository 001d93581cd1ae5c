"""Who may see to the certificate, what it is now, and the two steps to another. The key itself never leaves here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.cap import keys, renewal
from lastmile.alerting.lights import Health
from lastmile.community.org.models import CODE_LENGTH, Level
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.permissions import Actor, Perm

PERM: Final = Perm.SYSTEM_CONFIGURE
LONGEST: Final = 100_000  # characters of certificates


@dataclass(frozen=True)
class State:
    """`chain` names who vouches, from the nearest up; empty for a certificate that vouches for itself."""

    light: Health
    signs: bool
    subject: str = ""
    issuer: str = ""
    chain: Sequence[str] = ()
    begins: datetime | None = None
    ends: datetime | None = None
    fingerprint: str = ""
    by_setting: bool = False  # LASTMILE_CAP_KEY: the operator's to change
    waiting: datetime | None = None  # since when a new key waits for its certificate


def sees(actor: Actor) -> bool:
    """Everything is signed with one key: those who set up a county are not asked."""
    return any(len(scope) <= CODE_LENGTH[Level.CITY] for scope in actor.scopes(PERM))


def of_the_system(actor: Actor) -> None:
    """Raises NotAllowed."""
    if not sees(actor):
        raise NotAllowed(
            _("The certificate signs the messages of all places together."),
            _("Ask the system administrator of the city for it."),
        )


def state(actor: Actor) -> State:
    of_the_system(actor)
    path = renewal.waiting()
    since = datetime.fromtimestamp(path.stat().st_mtime, clock.BEIJING) if path.exists() else None
    by_setting = bool(settings.CAP_KEY)
    try:
        signs = renewal.fits(keys.own())
        leaf, *above = x509.load_pem_x509_certificates(keys.certificate().encode())
    except (ValueError, OSError):
        light = Health("red", _("no certificate can be read: messages go out unsigned"))
        return State(light, signs=False, by_setting=by_setting, waiting=since)
    own = leaf.issuer == leaf.subject
    return State(
        _light(leaf, signs=signs),
        signs=signs,
        subject=leaf.subject.rfc4514_string(),
        issuer="" if own else leaf.issuer.rfc4514_string(),
        chain=[one.subject.rfc4514_string() for one in above],
        begins=leaf.not_valid_before_utc,
        ends=leaf.not_valid_after_utc,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(":").upper(),
        by_setting=by_setting,
        waiting=since,
    )


def _light(leaf: x509.Certificate, *, signs: bool) -> Health:
    now = clock.now()
    if not signs:
        return Health("red", _("the key does not work: messages go out unsigned"))
    if leaf.not_valid_after_utc <= now:
        return Health("red", _("it has ended: nobody believes our signature"))
    if leaf.not_valid_after_utc - now < renewal.SOON:
        return Health("yellow", _("ends in %(n)d days") % {"n": (leaf.not_valid_after_utc - now).days})
    return Health("green", _("messages are signed"))


@transaction.atomic
def request(actor: Actor) -> str:
    """A request for a certificate, for a key that waits: the same until its certificate is there. Raises Refusal."""
    _may_change(actor)
    locks.wait("cap.certificate")
    new = not renewal.waiting().exists()
    try:
        made = renewal.request()
    except renewal.NotInstalled as error:
        raise _refusal(error, 409) from error
    audit.record("alerting.certificate_requested", actor=actor, object_type="cap", new=new)
    return made


@transaction.atomic
def install(actor: Actor, certificates: str) -> State:
    """What came back, with those above it. Everything is signed with it from the next message on. Raises Refusal."""
    _may_change(actor)
    if len(certificates) > LONGEST:
        raise Refusal(_("This is too long for certificates."), _("Send those of one chain alone."), status=413)
    locks.wait("cap.certificate")
    try:
        leaf = renewal.install(certificates)
    except renewal.NotInstalled as error:
        raise _refusal(error, 422) from error
    about = {"fingerprint": leaf.fingerprint(hashes.SHA256()).hex(), "until": f"{leaf.not_valid_after_utc:%Y-%m-%d}"}
    audit.record("alerting.certificate_installed", actor=actor, object_type="cap", **about)
    return state(actor)


def _may_change(actor: Actor) -> None:
    of_the_system(actor)
    if settings.CAP_KEY:
        raise Refusal(
            _("The key is set by LASTMILE_CAP_KEY: it is changed there."),
            _("Ask whoever runs the machine."),
            status=409,
        )


def _refusal(error: renewal.NotInstalled, status: int) -> Refusal:
    return Refusal(error.said(), _("The certificate in use stays."), status=status)
