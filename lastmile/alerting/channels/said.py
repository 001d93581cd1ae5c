"""Sentences that are kept and read later, by somebody with another language than whoever asked.

A `Said` is the sentence in the present language, as any text; beside it stand what it says (a message id) and the
values in it, and only those are kept. A value may be a reason, as channels write them down (`reasons`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.utils.translation import gettext

from lastmile.alerting.channels import reasons

Value = str | int
Part = tuple[str, dict[str, Value]]


class Said(str):
    parts: tuple[Part, ...]

    def __new__(cls, parts: Sequence[Part]) -> Said:
        made = super().__new__(cls, " ".join(_in_words(text, values) for text, values in parts))
        made.parts = tuple(parts)
        return made


def said(text: str, **values: Value) -> Said:
    """`text` is a message id, marked with gettext_noop where it is written."""
    return Said([(text, values)])


def _in_words(text: str, values: dict[str, Value]) -> str:
    told = {name: reasons.say(value) if isinstance(value, str) else value for name, value in values.items()}
    try:
        return gettext(text) % told if told else gettext(text)
    except (KeyError, TypeError, ValueError):  # kept by another version
        return text


def kept(says: str) -> str:
    """As it is written down: parts as JSON, or the text of somebody else as it is."""
    if isinstance(says, Said):
        return json.dumps([[text, values] for text, values in says.parts], ensure_ascii=False)
    return str(says)[:300]


def again(text: str) -> str:
    """What was kept, in the reader's language."""
    if not text.startswith("[["):
        return text
    try:
        return Said([(str(one), dict(values)) for one, values in json.loads(text)])
    except (ValueError, TypeError):
        return text
