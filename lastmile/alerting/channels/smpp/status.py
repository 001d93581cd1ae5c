"""What a centre's answer to a submit_sm means: try again, never, or nobody knows; with a reason in words."""

from __future__ import annotations

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import ACCEPTED, Outcome, What
from lastmile.alerting.channels.post import LATER, SOON
from lastmile.alerting.channels.smpp.options import Options

WHO = "SMS centre"
SLOW_DOWN = (pdu.THROTTLED, pdu.QUEUE_FULL)
PASSING = (pdu.SYSTEM_ERROR, pdu.NOT_BOUND, 0x13, 0x45, pdu.NOT_NOW, 0x67, 0xFE, 0xFF)  # the centre's own trouble
NUMBERS = (pdu.BAD_NUMBER,)
OURS = {  # what in our settings the centre does not like
    0x1: "LASTMILE_SMPP_LONG",
    0x2: "LASTMILE_SMPP_LONG",
    pdu.BAD_COMMAND: "LASTMILE_SMPP_HOST",
    0x6: "LASTMILE_SMPP_SOURCE",
    0x7: "LASTMILE_SMPP_SOURCE",
    0xA: "LASTMILE_SMPP_SOURCE",
    0x15: "LASTMILE_SMPP_SYSTEM_TYPE",
    0x43: "LASTMILE_SMPP_LONG",
    0x44: "LASTMILE_SMPP_LONG",
    0x48: "LASTMILE_SMPP_SOURCE_TON",
    0x49: "LASTMILE_SMPP_SOURCE_NPI",
    0x50: "LASTMILE_SMPP_NUMBER",
    0x51: "LASTMILE_SMPP_NUMBER",
    0x53: "LASTMILE_SMPP_SYSTEM_TYPE",
    0x62: "LASTMILE_SMPP_VALIDITY",
    pdu.NEVER: "LASTMILE_SMPP_SYSTEM_ID",
    0xC0: "LASTMILE_SMPP_LONG",
    0xC1: "LASTMILE_SMPP_LONG",
    0xC2: "LASTMILE_SMPP_LONG",
    0xC3: "LASTMILE_SMPP_LONG",
    0xC4: "LASTMILE_SMPP_LONG",
}
LET_IN = {
    pdu.BAD_PASSWORD: "LASTMILE_SMPP_PASSWORD",
    pdu.BAD_SYSTEM: "LASTMILE_SMPP_SYSTEM_ID",
    pdu.BIND_FAILED: "LASTMILE_SMPP_SYSTEM_ID",
    pdu.ALREADY_BOUND: "LASTMILE_SMPP_BINDS",
}


def outcome(status: int, options: Options) -> Outcome:
    """What to do with a part that the centre has answered so."""
    if status == pdu.OK:
        return ACCEPTED
    code = hexed(status)
    if code in options.refused or status in NUMBERS:
        return Outcome(What.REFUSED, f"the {WHO} does not take this number ({code})")
    if status in SLOW_DOWN or code in options.retry:
        return Outcome(What.RETRY, f"the {WHO} is busy", SOON)
    if status in PASSING:
        return Outcome(What.RETRY, f"the {WHO} answers {code}", SOON)
    if status in OURS:
        return Outcome(What.RETRY, f"the {WHO} answers {code}: check {OURS[status]}", LATER)
    return Outcome(What.UNKNOWN, f"the {WHO} says {code}, which the settings do not explain")


def shut_out(status: int) -> Outcome:
    """Why it does not let us in."""
    named = LET_IN.get(status)
    return Outcome(
        What.RETRY, f"the {WHO} does not let us in ({hexed(status)})" + (f": check {named}" if named else "")
    )


def hexed(status: int) -> str:
    return f"0x{status:08x}" if status > 0xFFFF else f"0x{status:04x}"
