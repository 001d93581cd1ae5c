"""Why a hand-over did not go well, in the reader's language.

The channels write reasons down in English, because a worker has no reader; what a far side said itself stays as it is.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GATEWAYS: dict[str, str | Promise] = {"SMS gateway": _("SMS gateway"), "voice gateway": _("voice gateway")}
GATEWAYS["SMS centre"] = _("SMS centre")
WHO = f"(?P<who>{'|'.join(GATEWAYS)})"

SENTENCES: list[tuple[str, str | Promise]] = [
    (f"the {WHO} is not set up", _("the %(who)s is not set up")),
    (f"no connection to the {WHO}", _("no connection to the %(who)s")),
    (f"the address of the {WHO} is not a public one", _("the address of the %(who)s is not a public one")),
    (r"no answer within (?P<n>[\d.]+) s", _("no answer within %(n)s seconds")),
    (r"connection broke: (?P<why>.+)", _("the connection broke (%(why)s)")),
    (f"the answer of the {WHO} can't be read", _("the answer of the %(who)s can't be read")),
    (f"the {WHO} did not answer for this message", _("the %(who)s did not answer for some messages")),
    (f"the {WHO} has not taken this message", _("the %(who)s has not taken some messages")),
    (f"refused by the {WHO}", _("refused by the %(who)s")),
    (f"the {WHO} is busy", _("the %(who)s is busy")),
    (r"every line is in use", _("every telephone line is in use")),
    (f"the {WHO} says (?P<why>.+), which .+", _("the %(who)s says %(why)s, which its file does not explain")),
    (
        rf"the {WHO} answers (?P<n>\d+): check .+",
        _("the %(who)s answers %(n)s: check its address, secret and vendor file"),
    ),
    (rf"the {WHO} answers (?P<n>\d+)", _("the %(who)s answers with error %(n)s")),
    (r"the mail server is not set up", _("the mail server is not set up")),
    (r"not an e-mail address", _("not an e-mail address")),
    (r"the certificate of the mail server has expired", _("the certificate of the mail server has expired")),
    (
        r"the certificate of the mail server is for another name",
        _("the certificate of the mail server is for another name"),
    ),
    (
        r"the certificate of the mail server is from an unknown authority",
        _("the certificate of the mail server is from an unknown authority"),
    ),
    (
        r"the certificate of the mail server is not valid: (?P<why>.+)",
        _("the certificate of the mail server is not valid (%(why)s)"),
    ),
    (r"the mail server offers no STARTTLS", _("the mail server offers no encryption (STARTTLS)")),
    (r"mail server: no encrypted connection", _("no encrypted connection to the mail server")),
    (r"the address of the mail server is not a public one", _("the address of the mail server is not a public one")),
    (r"mail server: no connection", _("no connection to the mail server")),
    (r"the mail server does not let us in: (?P<n>\d+)", _("the mail server does not let us in (%(n)s)")),
    (
        f"the {WHO} does not let us in \\((?P<n>\\w+)\\): check (?P<name>\\w+)",
        _("the %(who)s does not let us in (%(n)s): check %(name)s"),
    ),
    (f"the {WHO} does not let us in \\((?P<n>\\w+)\\)", _("the %(who)s does not let us in (%(n)s)")),
    (f"the {WHO} does not take this number \\((?P<n>\\w+)\\)", _("the %(who)s does not take this number (%(n)s)")),
    (f"the {WHO} answers (?P<n>0x\\w+): check (?P<name>\\w+)", _("the %(who)s answers %(n)s: check %(name)s")),
    (f"the {WHO} answers (?P<n>0x\\w+)", _("the %(who)s answers with error %(n)s")),
    (
        f"the certificate of the {WHO} is not valid: (?P<why>.+)",
        _("the certificate of the %(who)s is not valid (%(why)s)"),
    ),
    (r"not a phone number", _("not a phone number")),
    (r"the text is too long for an SMS", _("the text is too long for an SMS")),
    (r"the push service answers (?P<n>\d+)", _("the push service answers with error %(n)s")),
    (
        r"the push service answers (?P<n>\d+): check LASTMILE_PUSH_KEY",
        _("the push service answers %(n)s: check LASTMILE_PUSH_KEY"),
    ),
    (r"not tried: the mail server does not answer", _("not tried: the mail server does not answer")),
    (r"the account of the place can't be used", _("the account of the place can't be used")),
    (r"not tried: the push service wants a rest", _("not tried: the push service wants a rest")),
    (r"the push service is not at a public address", _("the push service is not at a public address")),
    (r"no connection to the group's robot", _("no connection to the server of the group's robot")),
    (
        r"the address of the group's robot is not a public one",
        _("the address of the group's robot is not a public one"),
    ),
    (r"the group's robot has had too many", _("the group's robot was posted to too often and wants a rest")),
    (r"the group's robot is busy", _("the server of the group's robot is busy")),
    (r"the group's robot answers (?P<n>\d+)", _("the group's robot answers with error %(n)s")),
    (
        r"the group's robot says (?:93000|300001|300005|400101|19001): (?P<why>.*)",
        _("the robot's address is not known to the app, or was changed there: copy it anew (%(why)s)"),
    ),
    (
        r"the group's robot says (?P<n>310000|1902[124]): (?P<why>.*)",
        _("the robot's security settings refuse the card: signing secret, keyword, or our IP (%(n)s %(why)s)"),
    ),
    (
        r"the group's robot says (?:400013|400102|400106): (?P<why>.*)",
        _("the group was dissolved, or the robot was stopped or taken out of it (%(why)s)"),
    ),
    (r"the group's robot says (?P<n>-?\d+): (?P<why>.*)", _("the group's robot refuses the card (%(n)s %(why)s)")),
    (r"number not in use", _("the number is not in use")),
]
_COMPILED = [(re.compile(pattern), sentence) for pattern, sentence in SENTENCES]


def say(reason: str) -> str:
    """The reason as a reader understands it; unchanged where it is somebody else's words."""
    for pattern, sentence in _COMPILED:
        found = pattern.fullmatch(reason)
        if found is not None:
            parts = found.groupdict()
            return str(sentence) % {name: GATEWAYS.get(part, part) for name, part in parts.items()}
    return reason
