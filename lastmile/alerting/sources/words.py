"""Why a message is only kept, and what of it was guessed, in words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSED: Final[dict[str, Promise]] = {
    "unsigned": _("Its signature is not one that this source's trust store vouches for, and the source demands one."),
    "broken": _("Its signature does not fit: it was changed on the way, or is not by this sender."),
    "elsewhere": _("It speaks of no place of ours that this source speaks for."),
    "nowhere": _("It names no place that we know; nothing is proposed without an area."),
    "kind": _("It answers another message (Ack, Error) or is of a kind that CAP doesn't know."),
    "status": _("It is marked as a test, a draft or a message between systems."),
    "nameless": _("It has no identifier, sender or time by which it could be known again."),
}
GUESSED: Final[dict[str, Promise]] = {
    "hazard": _("The hazard was not recognised: choose it."),
    "colour": _("It names no colour: it was taken from CAP's severity, or is missing."),
    "ends": _("It does not say when it ends: twelve hours after sending were taken."),
    "area": _("The area was found by name in its words: check it."),
}
