"""A warning as text to be read aloud on radio and television, with its length; and as a line that runs along a screen.

Lengths are those of `texts.seconds`: four Chinese characters a second, 0.3 s for each stop. An announcer who hurries
reads five; the number is a measure for the programme, not a promise.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import pgettext

from lastmile.alerting import texts
from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.alerting.models import AlertEvent, Kind

SHORT = 30  # seconds of the short form at most, where its first sentences allow


class Script(NamedTuple):
    name: str
    text: str
    seconds: int
    lang: str = "zh-CN"


def scripts(event: AlertEvent) -> list[Script]:
    """Whole, short, and the line that runs along; English whole where it was written."""
    frozen = event.frozen
    chinese = frozen["texts"]["zh"]
    short = _short(event)
    found = [
        Script(pgettext("script", "Whole"), chinese["voice"], texts.seconds(chinese["voice"])),
        Script(pgettext("script", "Short"), short, texts.seconds(short)),
        Script(pgettext("script", "Running line for a screen"), _line(event), texts.seconds(_line(event))),
    ]
    if "en" in frozen["texts"]:
        voice = frozen["texts"]["en"]["voice"]
        found.insert(1, Script(pgettext("script", "Whole, in English"), voice, texts.seconds(voice), "en"))
    return found


def _opening(event: AlertEvent) -> str:
    """Who says it, and what: the hazard and colour in words, as a listener sees no colour."""
    frozen = event.frozen
    hazard, colour = HAZARD_NAME[Hazard(frozen["hazard"])][0], COLOUR_NAME[Colour(frozen["colour"])][0]
    verb = {Kind.LIFT: "解除", Kind.CANCEL: "撤销", Kind.UPDATE: "更新"}.get(Kind(frozen["kind"]), "发布")
    drill = "这是演练，不是真实险情。" if frozen["status"] == "Exercise" else ""
    return f"{drill}{'、'.join(frozen['issuers'])}{texts.moment(event.sent_at)}{verb}{hazard}{colour}预警。"


def _short(event: AlertEvent) -> str:
    """The opening, where it holds, and as many steps as fit; the first one always."""
    text = event.frozen["texts"]["zh"]
    said = f"{_opening(event)}范围：{event.frozen['area']['description']}。"
    where = [f"转移地点：{text['shelter']}"] if text["shelter"] else []
    steps = [line for line in text["instruction"].splitlines() if line.strip()]
    for number, line in enumerate([*steps[:1], *where, *steps[1:]]):
        sentence = line if line.endswith(("。", "！")) else f"{line}。"
        if number == 0 or texts.seconds(said + sentence) <= SHORT:
            said += sentence
    return said


def _line(event: AlertEvent) -> str:
    text = event.frozen["texts"]["zh"]
    steps = "；".join(line.rstrip("。") for line in text["instruction"].splitlines() if line.strip())
    contact = f"求助电话：{text['contact']}。" if text["contact"] else ""
    return f"{_opening(event)}{steps}。{contact}".replace("。。", "。")
