"""Keys for programs: made, checked, revoked. A token acts for its owner in one role, and never longer than the role."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import FOREVER, ApiToken, Grant, User
from lastmile.community.accounts.roles import Role
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm

PREFIX: Final = "lm_"  # so that a leaked token is recognised by scanners
LONGEST_DAYS: Final = 366
READING: Final = frozenset(perm for perm in Perm if perm.value.endswith(":read"))
WRITING: Final = frozenset(Perm) - {Perm.ALERT_APPROVE, Perm.ALERT_ISSUE}  # that takes a person with a second factor


def _digest(token: str) -> bytes:
    """Plain SHA-256: the token has 256 random bits, there is nothing to guess slowly."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def make(owner: User, grant_id: int, *, label: str, days: int, read_only: bool) -> tuple[ApiToken, str]:
    """A new token and its text, which can't be shown again. Raises Refusal for a role the owner does not hold."""
    held = Grant.objects.in_force().filter(pk=grant_id, user=owner).first()
    if held is None:
        raise NotFound(_("You do not hold this role."), _("Choose one of your own roles."))
    if not 1 <= days <= LONGEST_DAYS:
        raise Refusal(_("A token lives between 1 and %(n)d days.") % {"n": LONGEST_DAYS}, _("Choose fewer days."))
    text = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    token = ApiToken.objects.create(
        grant=held,
        label=label,
        digest=_digest(text),
        read_only=read_only,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    audit.record("accounts.token_made", actor=owner, place=held.place_id, obj=token, read_only=read_only, days=days)
    return token, text


def owner(text: str) -> User | None:
    """The user as which a token acts, cut down to its role and rights; None if it is not in force."""
    now = clock.now()
    rows = ApiToken.objects.select_related("grant__user").filter(
        digest=_digest(text), revoked_at=None, expires_at__gt=now, grant__user__is_active=True
    )
    token = rows.first()
    if (
        token is None
        or not token.grant.in_force
        or token.grant.user.locked_until == FOREVER
        or token.grant.user.must_change_password
    ):
        return None
    hour_ago = now - timedelta(hours=1)
    ApiToken.objects.filter(pk=token.pk).filter(Q(used_at=None) | Q(used_at__lt=hour_ago)).update(used_at=now)
    user = token.grant.user
    user.__dict__["held"] = [(Role(token.grant.role), token.grant.place_id)]
    user.only = READING if token.read_only else WRITING
    return user


def of(user: User) -> list[ApiToken]:
    """The user's own tokens, the newest first."""
    return list(ApiToken.objects.filter(grant__user=user).select_related("grant__place").order_by("-id"))


def revoke(user: User, pk: int) -> None:
    """End one of the user's own tokens."""
    token = ApiToken.objects.filter(pk=pk, grant__user=user).first()
    if token is None:
        raise NotFound(_("There is no such token."), _("Go back to your tokens."))
    if ApiToken.objects.filter(pk=pk, revoked_at=None).update(revoked_at=clock.now()):
        audit.record("accounts.token_revoked", actor=user, place=token.grant.place_id, obj=token)
