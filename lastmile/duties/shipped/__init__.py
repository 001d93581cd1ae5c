"""Texts that come with the system, in Chinese, from laws and rules; a place changes its own copy."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from lastmile.community.org.models import LEVEL_OF_LENGTH, Post

FOLDER = Path(__file__).resolve().parent
ANY_LEVEL = 0


@cache
def texts(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def responsibilities(post: Post) -> list[dict[str, str]]:
    """The lines for a post of this kind and level; none where nothing is shipped for it."""
    level = LEVEL_OF_LENGTH[len(post.place_id)]
    for text in texts("responsibilities"):
        if text["kind"] == post.kind and text["level"] in (ANY_LEVEL, level):
            lines: list[dict[str, str]] = text["lines"]
            return lines
    return []


def checklist(number: str) -> dict[str, Any]:
    """The first values of the form for a checklist that comes with the system; nothing for an unknown one."""
    known = texts("checklists")
    if not number.isdecimal() or int(number) >= len(known):
        return {}
    text = dict(known[int(number)])
    return text | {"items": "\n".join(text["items"])}
