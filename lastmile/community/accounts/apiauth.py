"""Who calls the API: a person's session (with CSRF protection), or a program's bearer token.

    api = NinjaAPI(auth=AUTH)

After either, `request.user` is the acting `User`; operations check permissions with it as views do.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer, SessionAuth

from lastmile.community.accounts import tokens
from lastmile.community.accounts.models import User
from lastmile.kernel import limits, walls
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.permissions import Perm


def holding(actor: User, perm: Perm) -> None:
    """A door for operations: the permission must be held somewhere; the rows are then cut to where."""
    if not actor.scopes(perm):
        raise NotAllowed(
            _("Your role does not open this page."), _("Ask the security administrator if you need it for your work.")
        )


class TokenAuth(HttpBearer):
    """`Authorization: Bearer lm_…`; wrong tokens count against the address."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        user = tokens.owner(token)
        if user is None:
            limits.take(f"token:{limits.caller()}", 60)
            raise Refusal(
                _("This API token is unknown, revoked or expired."),
                _("Make a new one on the page “My account”."),
                status=401,
            )
        request.user = user
        walls.enter(user.places, user.person_id)
        return user


AUTH = [TokenAuth(), SessionAuth()]
