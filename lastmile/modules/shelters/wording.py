"""What the scripts of the check-in say, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.modules.shelters.models import Stay, Where


def words() -> dict[str, str]:
    """By the name the scripts know it by."""
    return {
        **{f"state_{state.value}": str(state.label) for state in Stay.State},
        "state_": _("in no order"),
        "all_here": _("All are here"),
        "here": _("here"),
        "tile_here": _("here"),
        "tile_missing": pgettext("shelter", "missing"),
        "tile_elsewhere": _("elsewhere"),
        "tile_free": _("free"),
        "leave": _("They leave"),
        "elsewhere": _("They are elsewhere"),
        "door": _("door"),
        "years": _("{n} years"),
        "count": _("How many came?"),
        "of": _("{came} of {heads}"),
        "helps": _("needs help"),
        "stranger": _("in no list"),
        "other": _("expected at another shelter"),
        "no_match": _("Nobody matches. Try part of the door number or name, or enter them as people in no list."),
        "empty": _("Nobody is expected here yet."),
        "kept": _("kept on this device"),
        "offline": _("No network. This list is from {time}; what you tap is kept and sent later."),
        "waiting": _("{n} entries wait to be sent."),
        "sent": _("{n} entries were sent."),
        "refused": _("One entry could not be made:"),
        "note": _("Please note:"),
        "log_in": _("Log in again to send what is kept."),
        "dismiss": _("I have read it"),
        "no_camera": _("The camera can't be used here. Type the number, or scan it with the phone's own camera."),
        "nothing_kept": _("This device has no list yet. Open the page once while there is a network."),
        "whole_code": _("This number is not on the list. Type the digits behind it as well, or scan the QR."),
        "unknown_code": _("This code is not on the list, and without a network it can't be looked up. "
                          "Write how many came; it is sorted out when the network is back."),
        "closed": _("This shelter is closed. The list has been removed from this device."),
        "over": _("The all-clear was given: check out everybody who leaves."),
    }  # fmt: skip


def leaving() -> list[tuple[str, str]]:
    """Where people go who leave, the usual first."""
    order = (Where.RELATIVES, Where.HOME, Where.HOTEL, Where.HOSPITAL, Where.OTHER, Where.UNKNOWN)
    return [(where.value, str(where.label)) for where in order]
