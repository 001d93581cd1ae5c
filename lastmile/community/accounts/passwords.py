"""What a password must be, in words, and temporary ones that can be read out over the phone."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Without letters and digits that look or sound alike.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class VariedValidator:
    """At least five different characters, so that 'aaaaaaaaaa' is none."""

    different = 5

    def validate(self, password: str, user: Any = None) -> None:
        if len(set(password)) < self.different:
            raise ValidationError(self.get_help_text(), code="password_not_varied")

    def get_help_text(self) -> str:
        return _("Your password must hold at least %(n)d different characters.") % {"n": self.different}


def temporary() -> str:
    """Sixteen readable characters in groups of four: 79 bits, for one use."""
    return "-".join("".join(secrets.choice(READABLE) for _i in range(4)) for _j in range(4))
