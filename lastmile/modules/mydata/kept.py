"""What this room keeps, for the table of what is kept."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.kernel.retention import Kept, register


def register_all() -> None:
    basis = gettext_lazy("Personal Information Protection Law, article 19")
    register(
        Kept(
            "proofs",
            61,
            gettext_lazy("Codes by which residents prove who they are"),
            basis,
            gettext_lazy("Destroyed; what is left of a code while it holds can't be read."),
            fixed=lambda: _("one day"),
        ),
        Kept(
            "proposals",
            51,
            gettext_lazy("Corrections that residents ask for, and the answers"),
            gettext_lazy("Personal Information Protection Law, articles 46 and 50"),
            gettext_lazy("Goes with the person."),
            fixed=lambda: _("as long as the person is on file"),
        ),
    )
