"""English for readers without Chinese, by template from the structured facts of a warning whose officer wrote none.

Only what is structured is said: hazard, colour, place, times, issuers. What to do is the officer's to say, not ours.
"""

from __future__ import annotations

from datetime import datetime

from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.alerting.models.frozen import Frozen, FrozenText
from lastmile.kernel.clock import BEIJING

HEAD = {"update": "Update: ", "lift": "Lifted: ", "cancel": "Cancelled: "}


def headline(frozen: Frozen) -> str:
    colour, hazard = COLOUR_NAME[Colour(frozen["colour"])][1], HAZARD_NAME[Hazard(frozen["hazard"])][1]
    exercise = "EXERCISE – " if frozen["status"] == "Exercise" else ""
    return f"{exercise}{HEAD.get(frozen['kind'], '')}{hazard}: {colour} warning for {frozen['place_name']}"


def text(frozen: Frozen) -> FrozenText:
    over = frozen["kind"] in ("lift", "cancel")
    period = f"In force from {_moment(frozen['starts'])} to {_moment(frozen['ends'])}." if not over else "It is over."
    issuers = f"Issued by {', '.join(frozen['issuers'])}." if frozen["issuers"] else ""
    description = " ".join(filter(None, (period, issuers, "The full text is in Chinese.")))
    return {
        "headline": headline(frozen),
        "description": description,
        "instruction": "",
        "shelter": "",
        "contact": "",
        "sms": "",
        "voice": "",
        "subject": "",
    }


def _moment(stamp: str) -> str:
    return datetime.fromisoformat(stamp).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
