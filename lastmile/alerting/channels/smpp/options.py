"""One account at an SMS centre: where it is, how we bind, how texts and numbers are written, what its codes mean."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.alerting.channels.shapes import fill
from lastmile.alerting.channels.wire import NUMBERS

LONG = ("udh", "sar", "payload")  # how the parts of a long text are joined again
ALPHABETS = ("gsm", "ucs2")  # how a plain Latin text is written
IDS = ("same", "decimal", "hex")  # how a receipt writes the number that the hand-over answered in hex, or in decimal
UNKNOWN = ("again", "show")  # what becomes of a hand-over whose outcome is not known


@dataclass(frozen=True)
class Options:
    host: str = ""
    port: int = 2775
    system_id: str = ""
    password: str = ""
    system_type: str = ""
    source: str = ""  # the number or name that people see
    source_ton: int = 0
    source_npi: int = 1
    number: str = "digits"  # e164, digits or national, as wire.number says
    binds: int = 1
    window: int = 50  # submit_sm without an answer, on each bind
    per_second: int = 0  # parts a second that the contract allows, over all binds; 0: as many as the centre takes
    long: str = "udh"
    alphabet: str = "gsm"
    ids: str = "same"
    validity: int = 1440  # minutes the centre keeps trying; 0: its own default
    unknown: str = "again"
    tls: bool = False
    judged: bool = False  # somebody typed its address: it must be a public one (kernel.outward)
    ca: str = ""
    enquire: float = 30.0  # seconds of silence before we ask whether the centre is there
    timeout: float = 10.0  # seconds for an answer; then the connection is cut and made anew
    refused: tuple[str, ...] = ()  # codes of the vendor for numbers it does not take
    retry: tuple[str, ...] = ()  # codes of the vendor that pass
    permanent: tuple[str, ...] = ()  # `err` of receipts for numbers that do not exist

    @property
    def centre(self) -> str:
        """What its message numbers are unique for."""
        return f"{self.system_id}@{self.host}:{self.port}"[:80]

    def secure(self) -> ssl.SSLContext | None:
        """Raises OSError for a file of authorities that can't be read."""
        return ssl.create_default_context(cafile=self.ca or None) if self.tls else None


def problems(options: Options) -> list[str]:
    """Sentences that name the setting and its mend."""
    found = []
    if not options.host:
        found.append(_("The SMS centre has no address. Set LASTMILE_SMPP_HOST."))
    if not options.system_id or len(options.system_id) > 15:
        found.append(_("The SMS centre needs a log-in of at most 15 characters. Set LASTMILE_SMPP_SYSTEM_ID."))
    if not options.password or len(options.password) > 8:
        found.append(
            _(
                "The SMS centre needs a password of at most 8 characters. Set LASTMILE_SMPP_PASSWORD or "
                "LASTMILE_SMPP_PASSWORD_FILE."
            )
        )
    if not 1 <= options.port <= 65535:
        found.append(_("A port is a number from 1 to 65535. Correct LASTMILE_SMPP_PORT."))
    for name, value, known in (
        ("LONG", options.long, LONG),
        ("ALPHABET", options.alphabet, ALPHABETS),
        ("IDS", options.ids, IDS),
        ("UNKNOWN", options.unknown, UNKNOWN),
        ("NUMBER", options.number, NUMBERS),
    ):
        if value not in known:
            found.append(
                _("%(value)s is not known. LASTMILE_SMPP_%(name)s is one of: %(known)s.")
                % {"value": value[:40], "name": name, "known": ", ".join(known)}
            )
    if options.binds < 1 or options.window < 1 or options.timeout <= 0 or options.enquire <= 0:
        found.append(
            _(
                "Binds, window and seconds must be above 0. Correct LASTMILE_SMPP_BINDS, LASTMILE_SMPP_WINDOW, "
                "LASTMILE_SMPP_TIMEOUT or LASTMILE_SMPP_ENQUIRE."
            )
        )
    return found + _files(options)


def _files(options: Options) -> list[str]:
    try:
        options.secure()
    except OSError as error:
        return [
            _("The file of trusted authorities can't be read (%(why)s). Correct LASTMILE_SMPP_CA.")
            % {"why": error.strerror or type(error).__name__}
        ]
    return []


def of(values: dict[str, Any]) -> Options:
    """An account from plain data. Raises BadShape."""
    return fill(Options, values)


def from_settings() -> Options:
    return of(settings.SMPP)
