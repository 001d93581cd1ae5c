"""What the scripts of the to-do say, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """By the name the scripts know it by."""
    return {
        "done": _("Done"),
        "undo": _("Undo"),
        "problem": _("Problem"),
        "ask": _("What is the problem? No names or phone numbers."),
        "kept": _("Kept on this device; it is sent as soon as there is a network."),
        "offline": _("No network. This list is from {time}; what you tap is kept and sent later."),
        "waiting": _("{n} taps wait to be sent."),
        "sent": _("{n} taps were sent."),
        "refused": _("One tap could not be entered:"),
        "log_in": _("Log in again to send what is kept."),
        "dismiss": _("I have read it"),
        "empty": _("Nothing to do. Everything of yours is done."),
        "nothing_kept": _("This device has no list yet. Open it once while there is a network."),
        "due": _("due"),
        "overdue": _("overdue since"),
        "leave": _("{n} taps have not been sent and would be lost. Log out all the same?"),
        "again": _("There is a network again: load the list"),
    }
