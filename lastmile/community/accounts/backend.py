"""Which log-ins Django may let in, and keep in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from lastmile.community.accounts.models import FOREVER


class Backend(ModelBackend):
    """Keeps out the deactivated and those a security administrator has locked, from their next request on.

    A lock after wrong passwords does not end a running session: else a stranger could throw the duty officer out.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(super().user_can_authenticate(user)) and user.locked_until != FOREVER
