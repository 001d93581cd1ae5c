"""What is said and shown. The language is the message's, Chinese, never that of the officer's pages."""

from __future__ import annotations

import re
from typing import Any

from lastmile.alerting.codes import Colour
from lastmile.community.org.models import Terminal

TEST = "这是应急广播测试，不是预警，请不要惊慌。"
TEST_SHOWN = "应急广播测试，不是预警"
LOUD = (Colour.RED, Colour.ORANGE)


def spoken(frozen: dict[str, Any], note: str = "") -> str:
    """The script of the warning, an exercise marked as such, and the local note."""
    voice = frozen["texts"]["zh"]["voice"]
    if frozen["status"] == "Exercise" and "演练" not in voice:
        voice = f"演练，演练。{voice}"
    return f"{voice}{note}"


def brief(frozen: dict[str, Any]) -> str:
    """Headline, then what to do, for a screen."""
    text = frozen["texts"]["zh"]
    mark = "【演练】" if frozen["status"] == "Exercise" and "演练" not in text["headline"] else ""
    parts = [text["headline"], *text["instruction"].splitlines()]
    return (mark + "。".join(re.sub(r"[。\s]+$", "", part) for part in parts if part.strip()) + "。")[:500]


def volume(terminal: Terminal, colour: int, *, exercise: bool) -> int:
    """Red and orange as loud as it may be, else halfway; an exercise never at its loudest."""
    if colour in LOUD and not exercise:
        return terminal.loudest
    return (terminal.quietest + terminal.loudest) // 2
