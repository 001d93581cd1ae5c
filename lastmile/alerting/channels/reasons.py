"""Why a hand-over did not go well, in the reader's language.

The channels write reasons down in English, because a worker has no reader; what a far side said itself stays as it is.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: list[tuple[str, str | Promise]] = [
    (r"the SMS gateway is not set up", _("the SMS gateway is not set up")),
    (r"no connection to the SMS gateway", _("no connection to the SMS gateway")),
    (r"no answer within (?P<n>[\d.]+) s", _("no answer within %(n)s seconds")),
    (r"connection broke: (?P<why>.+)", _("the connection broke (%(why)s)")),
    (r"the answer of the SMS gateway can't be read", _("the answer of the SMS gateway can't be read")),
    (r"the SMS gateway did not answer for this message", _("the SMS gateway did not answer for some messages")),
    (r"refused by the SMS gateway", _("refused by the SMS gateway")),
    (r"the SMS gateway is busy", _("the SMS gateway is busy")),
    (r"the SMS gateway says (?P<why>.+), which .+", _("the SMS gateway says %(why)s, which its file does not explain")),
    (
        r"the SMS gateway answers (?P<n>\d+): check .+",
        _("the SMS gateway answers %(n)s: check its address, secret and vendor file"),
    ),
    (r"the SMS gateway answers (?P<n>\d+)", _("the SMS gateway answers with error %(n)s")),
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
    (r"mail server: no connection", _("no connection to the mail server")),
    (r"the mail server does not let us in: (?P<n>\d+)", _("the mail server does not let us in (%(n)s)")),
    (r"number not in use", _("the number is not in use")),
]
_COMPILED = [(re.compile(pattern), sentence) for pattern, sentence in SENTENCES]


def say(reason: str) -> str:
    """The reason as a reader understands it; unchanged where it is somebody else's words."""
    for pattern, sentence in _COMPILED:
        found = pattern.fullmatch(reason)
        if found is not None:
            return str(sentence) % found.groupdict()
    return reason
