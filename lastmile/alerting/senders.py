"""From the settings of a place's account to the channel they describe: what each kind needs, and how it is made.

Settings are plain values by name. `read` takes what a form or a program wrote and says field by field what is wrong;
`make` builds the channel.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.channels.contract import Installed
from lastmile.alerting.channels.email.connection import Server
from lastmile.alerting.channels.email.transport import EmailChannel
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.smpp import options as smpp
from lastmile.alerting.channels.smpp.transport import SmppChannel
from lastmile.alerting.channels.sms import vendor as sms
from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.voice import vendor as voice
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.alerting.channels.wire import NUMBERS
from lastmile.alerting.models import ChannelAccount
from lastmile.kernel import outward
from lastmile.kernel.errors import NotFound, Refusal, Text

KINDS_OF = {"sms": ("sms", "smpp"), "smpp": ("smpp", "sms"), "voice": ("voice",), "email": ("email",)}
LABELS: dict[str, Text] = {
    "sms": gettext_lazy("SMS gateway over HTTP"),
    "smpp": gettext_lazy("SMS centre by SMPP"),
    "voice": gettext_lazy("voice gateway over HTTP"),
    "email": gettext_lazy("mail server"),
}
LONGEST = 20_000  # characters of a vendor file


class Field(NamedTuple):
    """`form` is text, secret, number, choice, flag or json."""

    name: str
    label: Text
    form: str = "text"
    default: Any = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    most: int = 200


@dataclass(frozen=True)
class Kind:
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Any], int], Installed]


URL = Field("url", gettext_lazy("address (https)"), required=True)
SECRET = Field("secret", gettext_lazy("secret"), "secret", required=True)
VENDOR = Field("vendor", gettext_lazy("vendor file (JSON), if it has its own words"), "json", most=LONGEST)
HOST = Field("host", gettext_lazy("server"), required=True)


def _port(default: int) -> Field:
    return Field("port", gettext_lazy("port"), "number", default, required=True, most=65535)


def _sms(values: Mapping[str, Any], account: int) -> Installed:
    return SmsChannel(
        url=values["url"], secret=values["secret"], vendor=sms.parse(values.get("vendor") or {}), judged=True
    )


def _voice(values: Mapping[str, Any], account: int) -> Installed:
    return VoiceChannel(
        url=values["url"],
        secret=values["secret"],
        public_url=settings.PUBLIC_URL,
        vendor=voice.parse(values.get("vendor") or {}),
        repeats=settings.VOICE_REPEATS,
        says=settings.VOICE_SAYS,
        calls_back=f"/gateway/voice/{account}/reports",
        judged=True,
    )


def _smpp(values: Mapping[str, Any], account: int) -> Installed:
    return SmppChannel(smpp.of(dict(values) | {"judged": True}))


def _email(values: Mapping[str, Any], account: int) -> Installed:
    how = values["encryption"]
    server = Server(
        host=values["host"],
        port=values["port"],
        user=values["user"],
        password=values["password"],
        starttls=how == "starttls",
        tls=how == "tls",
        sender=values["sender"],
        timeout=settings.EMAIL_TIMEOUT,
        judged=True,
    )
    return EmailChannel(server)


KINDS = {
    "sms": Kind((URL, SECRET, VENDOR), _sms),
    "voice": Kind((URL, SECRET, VENDOR), _voice),
    "smpp": Kind(
        (
            HOST,
            _port(2775),
            Field("system_id", gettext_lazy("log-in (system id)"), required=True, most=15),
            Field("password", gettext_lazy("password"), "secret", required=True, most=8),
            Field("system_type", gettext_lazy("system type"), most=12),
            Field("source", gettext_lazy("sender that people see"), most=20),
            Field("source_ton", gettext_lazy("kind of that number (TON)"), "number", 0, most=7),
            Field("source_npi", gettext_lazy("its numbering plan (NPI)"), "number", 1, most=18),
            Field("binds", gettext_lazy("connections of each worker"), "number", 1, required=True, most=50),
            Field("window", gettext_lazy("messages under way on each"), "number", 50, required=True, most=1000),
            Field("per_second", gettext_lazy("parts a second by contract, 0 for no limit"), "number", 0, most=100_000),
            Field("number", gettext_lazy("how phones are written"), "choice", "digits", choices=NUMBERS),
            Field("long", gettext_lazy("how long texts are joined"), "choice", "udh", choices=smpp.LONG),
            Field("alphabet", gettext_lazy("plain Latin is written as"), "choice", "gsm", choices=smpp.ALPHABETS),
            Field("ids", gettext_lazy("how receipts write message numbers"), "choice", "same", choices=smpp.IDS),
            Field(
                "unknown", gettext_lazy("a hand-over whose answer was lost"), "choice", "again", choices=smpp.UNKNOWN
            ),
            Field("tls", gettext_lazy("encrypted by TLS"), "flag", default=False),
        ),
        _smpp,
    ),
    "email": Kind(
        (
            HOST,
            _port(25),
            Field("user", gettext_lazy("log-in")),
            Field("password", gettext_lazy("password"), "secret"),
            Field(
                "encryption",
                gettext_lazy("encryption of the connection"),
                "choice",
                "starttls",
                choices=("starttls", "tls", "none"),
            ),
            Field("sender", gettext_lazy("sender (an e-mail address)"), required=True),
        ),
        _email,
    ),
}


def make(kind: str, values: Mapping[str, Any], account: int) -> Installed:
    """The channel of an account. Raises BadShape."""
    try:
        return KINDS[kind].make(values, account)
    except (KeyError, TypeError) as error:
        raise BadShape(f"the settings lack {error}") from error


def values_of(account: ChannelAccount) -> dict[str, Any]:
    """The settings as they were written. Raises ValueError where they can't be opened."""
    found: dict[str, Any] = json.loads(account.settings.reveal()) if account.settings else {}
    return found


def opened(account: ChannelAccount) -> dict[str, Any]:
    """Nothing where they can't be opened any more: written anew, the account can be used again."""
    try:
        return values_of(account)
    except ValueError:
        return {}


def called(kind: str, number: int) -> dict[str, Any]:
    """The settings of the account whose gateway calls back. Raises NotFound."""
    account = ChannelAccount.objects.filter(pk=number, kind=kind).first()
    if account is None:
        raise NotFound(_("There is no such account."), _("Call the address that the account's page shows."))
    return values_of(account)


def read(kind: str, raw: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The settings that were written; a secret left empty stays as it was. Raises Refusal, sentences by field."""
    found: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for field in KINDS[kind].fields:
        given = raw.get(field.name)
        if field.form == "secret" and not given and before:
            found[field.name] = before.get(field.name, "")
            continue
        try:
            found[field.name] = _value(field, given)
        except ValueError as error:
            wrong[field.name] = str(error)
    if not wrong:
        wrong |= _whole(kind, found)
    if wrong:
        raise Refusal(_("Some settings can't be used."), _("Correct the fields that are marked."), fields=wrong)
    return found


def json_text(value: Any) -> str:
    """A JSON setting as a form shows it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=1) if value else ""


def _value(field: Field, given: Any) -> Any:
    """Raises ValueError with a sentence."""
    if field.form == "flag":
        return given in (True, "1", "on", "true")
    if field.form == "json" and isinstance(given, dict):
        return given
    text = str(given if given is not None else "").strip()
    if "\0" in text or (field.form != "number" and len(text) > field.most):
        raise ValueError(_("At most %(n)d characters.") % {"n": field.most})
    if not text:
        if field.required and field.form != "number":
            raise ValueError(_("This is needed."))
        return {} if field.form == "json" else field.default
    return {"number": _number, "choice": _choice, "json": _json}.get(field.form, _text)(field, text)


def _text(_field: Field, text: str) -> Any:
    return text


def _number(field: Field, text: str) -> Any:
    if not (text.isascii() and text.isdigit() and int(text) <= field.most):
        raise ValueError(_("A whole number up to %(n)d.") % {"n": field.most})
    if field.required and int(text) == 0:
        raise ValueError(_("A number above 0."))
    return int(text)


def _choice(field: Field, text: str) -> Any:
    if text not in field.choices:
        raise ValueError(_("Choose one of: %(names)s.") % {"names": ", ".join(field.choices)})
    return text


def _json(_field: Field, text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(_("This is not JSON: %(why)s") % {"why": error}) from error
    if not isinstance(found, dict):
        raise ValueError(_("A JSON object is needed."))
    return found


def _reached(found: Mapping[str, Any]) -> dict[str, Text]:
    """Whoever sets up an account of a place is no operator of the installation: nothing inside is reached by it."""
    name = "url" if "url" in found else "host"
    try:
        outward.check(found[name]) if name == "url" else outward.typed_host(found[name])
    except outward.Unreachable as refusal:
        return {name: refusal.says}
    return {}


def _whole(kind: str, found: Mapping[str, Any]) -> dict[str, Text]:
    """What can be judged only of the value as a whole."""
    wrong: dict[str, Text] = {}
    if "url" in found and not found["url"].startswith(("http://", "https://")):
        wrong["url"] = _("An address begins with https://.")
    else:
        wrong |= _reached(found)
    if kind == "email" and "@" not in found["sender"]:
        wrong["sender"] = _("This is no e-mail address.")
    if "vendor" in found:
        try:
            (sms if kind == "sms" else voice).parse(found["vendor"])
        except BadShape as error:
            wrong["vendor"] = _("The vendor file is wrong: %(why)s.") % {"why": error}
    return wrong
