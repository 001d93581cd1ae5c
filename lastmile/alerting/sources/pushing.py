"""What others hand us: pushed by a program, uploaded or pasted by a person. The same road from there on."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.channels import signing
from lastmile.alerting.models import Received, Source
from lastmile.alerting.sources import store
from lastmile.alerting.sources.reading import read_messages
from lastmile.alerting.sources.trust import anchors_of, secret_of
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

PREFIX: Final = "lmp_"
PER_MINUTE: Final = 120


def new_token() -> tuple[str, str]:
    """(the token, which is shown once; its digest, which is kept)."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def pushed(key: int, body: bytes, headers: Mapping[str, str]) -> list[Received]:
    """Messages pushed to a source: token, then signature where one is demanded, then the messages. Raises Refusal."""
    limits.take(f"push:{limits.caller()}", PER_MINUTE)
    source = Source.objects.filter(pk=key, kind=Source.Kind.PUSH).first()
    given = headers.get("Authorization", "").removeprefix("Bearer ").strip()
    known = source.push_digest if source else ""
    if source is None or not known or not hmac.compare_digest(digest(given), known):
        raise Refusal(
            _("This token opens no source here."), _("Ask those who set up the source for a new one."), status=403
        )
    if not source.enabled:
        raise Refusal(_("This source is paused."), _("Ask those who set up the source."), status=403)
    if secret := secret_of(source):
        try:
            signing.verify(secret, body, headers, now=clock.now().timestamp())
        except signing.Unsigned as error:
            raise Refusal(
                _("The signature over the body is missing, wrong or too old (%(why)s).") % {"why": error},
                _("Sign time and body with the shared secret; see the documentation of sources."),
                status=403,
            ) from None
    return _taken(source, body)


def entered(actor: Actor, source: Source, body: bytes) -> list[Received]:
    """A file or text that a person has. Raises Refusal."""
    require(actor, Perm.ALERT_DRAFT, source.place_id)
    made = _taken(source, body)
    audit.record("alerting.source_entered", actor=actor, place=source.place_id, obj=source, messages=len(made))
    return made


def _taken(source: Source, body: bytes) -> list[Received]:
    now = clock.now()
    try:
        messages = read_messages(body, anchors_of(source))
    except Refused as refused:
        error = {"code": refused.finding.code, "facts": dict(refused.finding.facts)}
        Source.objects.filter(pk=source.pk).update(asked_at=now, failures=source.failures + 1, error=error)
        raise Refusal(str(refused), _("Send CAP, or one of the national forms, as XML or JSON.")) from None
    made = store.take_in(source, messages)
    form = messages[0].form
    Source.objects.filter(pk=source.pk).update(asked_at=now, good_at=now, failures=0, error={}, form=form)
    return made
