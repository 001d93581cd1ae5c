"""What shelters gather about people in a warning, and when it goes: names of strangers, and who was where."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lastmile.alerting.ending.sources import Source, register
from lastmile.kernel import retention

STRANGERS = "strangers"


def register_all() -> None:
    stay, event, where = "shelters_stay", "incident_id", _("who was in which shelter, or where else")
    register(
        Source(stay, "name", event, _("names of strangers at shelters")),
        Source(stay, "phone", event, _("numbers of strangers at shelters")),
        Source(stay, "person_id", event, where, sealed=False),
        Source(stay, "household_id", event, _("which household was where"), sealed=False),
    )
    kept = retention.Kept(
        STRANGERS,
        11,
        _("Names and numbers of people in no list who came to a shelter"),
        _("Emergency Response Law, articles 84–85; Personal Information Protection Law, article 19"),
        _("Destroyed so long after the shelter has closed, with an entry in the audit trail; figures stay."),
        days=7,
        least=1,
        most=60,
    )
    retention.register(kept)
