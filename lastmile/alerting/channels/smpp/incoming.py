"""A deliver_sm read: a delivery report in text or optional parameters, or what somebody has written to us."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b

from lastmile.alerting.channels import coding, pdu
from lastmile.alerting.channels.inbound import Reply, digits
from lastmile.alerting.channels.pdu import DeliverSm
from lastmile.alerting.channels.smpp.desk import Told
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.wire import e164
from lastmile.kernel import clock

FIELD = re.compile(r"\b(id|stat|err|done date):\s*([^\s:]+)", re.IGNORECASE)
DELIVERED, FAILED = ("DELIVRD",), ("EXPIRED", "DELETED", "UNDELIV", "REJECTD")
STATES = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 8: "REJECTD"}
WORDS = {"EXPIRED": "expired", "DELETED": "deleted", "UNDELIV": "not delivered", "REJECTD": "rejected"}
SAME = 600  # seconds in which the same words of the same phone are the same answer


def read(message: DeliverSm, options: Options) -> Told | Reply | None:
    """None for what says nothing to us: a report on the way, a number that is none."""
    kind = message.esm_class & pdu.KIND_OF
    if kind == pdu.RECEIPT:
        return _told(message, options)
    return _reply(message) if kind == 0 else None


def _told(message: DeliverSm, options: Options) -> Told | None:
    octets, _piece = pdu.content(message)
    said = {name.lower(): value for name, value in FIELD.findall(coding.decode(octets, _latin(message)))}
    extra = pdu.tlvs_of(message)
    number = pdu.first_text(extra[pdu.MESSAGE_ID]) if pdu.MESSAGE_ID in extra else said.get("id", "")
    state = extra.get(pdu.STATE)
    stat = STATES.get(state[0], "") if state else said.get("stat", "").upper()[:7]
    if not number or stat not in (*DELIVERED, *FAILED):
        return None
    at = _when(said.get("done date", ""))
    if stat in DELIVERED:
        return Told(plain(number, options, receipt=True), "delivered", at)
    error = _error(said.get("err", ""), extra.get(pdu.NETWORK_ERROR, b""))
    permanent = not {error, stat}.isdisjoint(options.permanent)
    reason = f"{WORDS[stat]} ({error})" if error else WORDS[stat]
    return Told(plain(number, options, receipt=True), "failed", at, reason, permanent)


def _latin(message: DeliverSm) -> int:
    """A receipt is plain text, whatever its coding says, unless it is UCS-2."""
    return coding.UCS2 if message.data_coding == coding.UCS2 else coding.LATIN1


def _error(said: str, tlv: bytes) -> str:
    """The carrier's code: as the text says it, else of the optional parameter (network, then two octets)."""
    if said and said.strip("0"):
        return said[:20]
    return str(int.from_bytes(tlv[1:3], "big")) if len(tlv) == 3 and any(tlv[1:]) else ""


def _when(text: str) -> datetime:
    """yymmddhhmm or with seconds, by the centre's clock, which is Beijing's; never later than now."""
    now = clock.now()
    form = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S"}.get(len(text))
    try:
        at = datetime.strptime(text, form).replace(tzinfo=clock.BEIJING) if form and text.isascii() else now
    except ValueError:
        return now
    return min(at, now)


def plain(number: str, options: Options, *, receipt: bool = False) -> str:
    """One way of writing the centre's numbers, where it writes them in hex here and in decimal there."""
    number = number.strip()[:64]
    if options.ids == "same":
        return number
    decimal = (options.ids == "decimal") == receipt
    try:
        return format(int(number, 10 if decimal else 16), "x")
    except ValueError:
        return number


def _reply(message: DeliverSm) -> Reply | None:
    phone = e164(message.source_addr)
    if not phone:
        return None
    octets, piece = pdu.content(message)
    text = coding.decode(octets, message.data_coding).replace("\0", "")[:200]
    now = clock.now()
    first = piece is None or piece.number == 1  # what follows in a long answer is no answer of its own
    marks = f"{phone}\0{text}\0{piece}\0{int(now.timestamp()) // SAME}"
    key = blake2b(marks.encode("utf-8", "replace"), digest_size=15).hexdigest()
    return Reply(key, phone, digits(text) if first else "", text, now)
