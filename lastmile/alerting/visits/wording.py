"""What the script of the field page says, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lastmile.alerting.models import Fact, Reason
from lastmile.alerting.visits.outcomes import BUTTONS, words


def script() -> dict[str, Any]:
    """By the name the script knows it by."""
    return {
        "buttons": [(fact.value, words(fact), colour) for fact, colour in BUTTONS],
        "facts": {fact.value: words(fact) for fact in Fact if fact >= Fact.CONFIRMED},
        "reasons": [(reason.value, str(reason.label)) for reason in Reason],
        "help": [("medical", _("ill or hurt")), ("walk", _("can't walk")), ("trapped", _("trapped")), ("", _("other"))],
        "why": _("Why do they stay?"),
        "what": _("What do they need?"),
        "code": _("code {code}"),
        "left": _("{left} of {all} doors left"),
        "all_done": _("Every door of this grid has an answer."),
        "done": _("{n} doors have an answer"),
        "vulnerable": _("vulnerable"),
        "minor": _("under 18"),
        "knocks": _("nobody there {n} times"),
        "no_names": _("Names and numbers are shown only to those who may open them."),
        "call": _("Call"),
        "call_name": _("Call {name}"),
        "outcome": _("What did you find?"),
        "next": _("Next door"),
        "undo": _("Undo"),
        "kept": _("not sent yet"),
        "waiting": _("{n} outcomes are kept on this phone and wait to be sent."),
        "offline": _("No network. The list is from {time}; go on, what you tap is kept and sent later."),
        "offline_home": _("No network. These rounds are kept on this phone:"),
        "nothing_kept": _("This phone has no list yet. Open it once while there is a network."),
        "over": _("This warning is over or was updated; its list has been removed from this phone."),
        "newer": _("Go on with the update"),
        "gone": _("There is no such round, or it is outside your area."),
        "out": _("You are logged out; the list has been removed from this phone."),
        "log_in": _("Log in again to send what is kept."),
        "unplaced": _("{n} doors have no position and stand only in the list."),
        "dismiss": _("I have read it"),
    }
