"""Classes of data of the floor and of people, for the table of what is kept; their times follow other rules."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.kernel.retention import Kept, register


def register_all() -> None:
    pipl = gettext_lazy("Personal Information Protection Law, articles 13 and 19")
    register(
        Kept(
            "residents",
            50,
            gettext_lazy("Households and residents: name, door, contacts, needs"),
            pipl,
            gettext_lazy("Whoever has left gets no warning any more; the community deletes what it does not need."),
            fixed=lambda: _("as long as they live here"),
        ),
        Kept(
            "looks",
            60,
            gettext_lazy("Who opened personal data, when and why"),
            gettext_lazy("Personal Information Protection Law, articles 44 and 51"),
            gettext_lazy("Goes with the person; the act itself stays in the audit trail."),
            fixed=lambda: _("as long as the person is on file"),
        ),
        Kept(
            "uploads",
            70,
            gettext_lazy("Rows of uploaded workbooks"),
            pipl,
            gettext_lazy("Destroyed as soon as they are imported or dropped."),
            fixed=lambda: _("until they are imported"),
        ),
        Kept(
            "audit",
            80,
            gettext_lazy("Audit trail: who did what, when"),
            gettext_lazy("Cybersecurity Law, article 21: six months at least"),
            gettext_lazy("Leaves the table; the signed archives of each month stay."),
            fixed=lambda: _("%(months)d months") % {"months": max(6, settings.AUDIT_MONTHS)},
        ),
    )
