"""The resident's page: one small HTML document with its own CSS, no script, made once for everybody in the same state.

Whose page it is stands only in a few marks, which are replaced last; so a storm of visits renders a handful of pages.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from lastmile.alerting.cascade.asked import Asked
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.door.warning import Warned
from lastmile.alerting.models import Fact, Kind, State
from lastmile.alerting.receipts import Said
from lastmile.kernel.clock import BEIJING

TOKEN, NONCE, NEWER, AT, LANGUAGE = "%%token%%", "%%nonce%%", "%%newer%%", "%%at%%", "%%language%%"
EXTRA = "%%extra%%"  # what other rooms add
MAP = "https://uri.amap.com/search?keyword="  # opens the map program, or the map in the browser
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SHELLS = 2_000  # rendered pages kept
ALL_DONE = {State.LIFTED, State.CANCELLED, State.EXPIRED}

CSS = (Path(__file__).parent / "resident.css").read_text()
_STYLE = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{_STYLE}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

_shells: dict[tuple[object, ...], bytes] = {}


def clock_time(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%H:%M")


def shell(
    warning: Warned, text: str, language: str, place: str, stands: Said | None, owed: Asked | None = None
) -> bytes:
    """The page of everybody in this state, with its marks still in it."""
    notes = tuple(note for code, note in warning.notes if place.startswith(code))
    answer = (stands.fact, stands.own) if stands else None
    key = (warning.key, text, language, notes, answer, owed)
    if key not in _shells:
        if len(_shells) >= SHELLS:
            _shells.clear()
        _shells[key] = _render(warning, text, language, notes, answer, owed)
    return _shells[key]


def _render(
    warning: Warned,
    text: str,
    language: str,
    notes: tuple[str, ...],
    answer: tuple[int, bool] | None,
    owed: Asked | None,
) -> bytes:
    words = warning.texts[text]
    with translation.override(LANGUAGES.get(language, "zh-hans")):
        context = {
            "css": CSS,
            "warning": warning,
            "words": words,
            "steps": _steps(words["instruction"]),
            "colour": Colour(warning.colour),
            "hazard": _hazard(warning.hazard),
            "issuers": "、".join(warning.issuers),
            "sent": warning.sent.astimezone(BEIJING),
            "ends": warning.ends.astimezone(BEIJING),
            "notes": notes,
            "over": warning.state in ALL_DONE or warning.kind in (Kind.LIFT, Kind.CANCEL),
            "updated": warning.state == State.UPDATED,
            "fact": Fact(answer[0]) if answer else None,
            "own": answer[1] if answer else True,
            "other": "en" if language != "en" else "zh",
            "language": language,
            "owed": owed,
            "map": MAP + quote(words.get("shelter", "")),
            "geo": "geo:0,0?q=" + quote(words.get("shelter", "")),
            "neighbour": quote(_for_neighbours(words)),
            "token": TOKEN,
            "nonce": NONCE,
            "newer": NEWER,
            "at": AT,
            "extra": EXTRA,
        }
        return render_to_string("alerting/resident/page.html", context).encode()


def _hazard(code: str) -> str:
    return str(Hazard(code).label) if code in Hazard.values else code


def _steps(instruction: str) -> list[str]:
    """What to do, one step a line: the text's own lines, or its sentences."""
    lines = [line.strip(" 　-•·") for line in instruction.splitlines() if line.strip()]
    if len(lines) == 1:
        lines = [part.strip() for part in lines[0].replace("。", "。\n").replace(". ", ".\n").splitlines()]
    return [line for line in lines if line]


def _for_neighbours(words: dict[str, str]) -> str:
    """The warning to pass on: without the personal link, which would answer in this person's name."""
    return f"{words['headline']}。{words['instruction']} {settings.PUBLIC_URL}/w/"


@lru_cache(maxsize=1)
def unknown() -> bytes:
    """For a link that is not one of ours, in both languages: nobody knows who reads it."""
    return _sentence(
        "这个链接不对", "请完整点开短信里的链接，或向村（社区）工作人员询问。",
        "This link is not right", "Open the whole link from your message, or ask your community office.",
    )  # fmt: skip


@lru_cache(maxsize=1)
def gone() -> bytes:
    return _sentence(
        "这条预警早已结束", "链接已失效。现在的预警请看公开页面。",
        "This warning ended some time ago", "The link no longer works. See the public page for warnings in force.",
    )  # fmt: skip


@lru_cache(maxsize=8)
def busy() -> bytes:
    return _sentence(
        "现在回复的人很多", "请过几秒再点一次。您不会被漏掉，也可以直接回复短信：1 收到，2 已转移，3 需要帮助。",
        "Many people are answering", "Tap again in a few seconds, or answer the SMS: 1 received, 2 moved, 3 need help.",
    )  # fmt: skip


@lru_cache(maxsize=8)
def refused() -> bytes:
    return _sentence(
        "这次没有收到您的回复", "请返回上一页再点一次；不要连续快速点击。",
        "Your answer did not come through", "Go back and tap once more, not many times in a row.",
    )  # fmt: skip


@lru_cache(maxsize=8)
def too_often() -> bytes:
    return _sentence(
        "这个链接一分钟内打开得太多次了", "请等一分钟再打开。已经点过的回复都收到了，不用重复点。",
        "This link was opened too many times within a minute",
        "Wait a minute, then open it again. What you tapped before has been received; no need to repeat it.",
    )  # fmt: skip


@lru_cache(maxsize=8)
def too_large() -> bytes:
    return _sentence(
        "您写的内容太长，没有收到", "请返回上一页，写短一些（两三句话）再点一次。",
        "What you wrote is too long and did not come through",
        "Go back, write two or three sentences, and tap once more.",
    )  # fmt: skip


def _sentence(chinese: str, mend: str, english: str, english_mend: str) -> bytes:
    context = {
        "css": CSS,
        "public": settings.PUBLIC_URL + "/w/",
        "parts": [("zh-CN", chinese, mend), ("en", english, english_mend)],
    }
    return render_to_string("alerting/resident/sentence.html", context).encode()
