"""What a reader of the source must be able to rely on: one clock, no inline scripts, every text translatable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path for path in (ROOT / "lastmile").rglob("*.py") if "migrations" not in path.parts and "tests" not in path.parts
]
TEMPLATES = sorted((ROOT / "lastmile").rglob("templates/**/*.html"))
OTHER_CLOCKS = re.compile(r"\b(datetime\.(utc)?now|datetime\.today|date\.today|timezone\.(local)?now|time\.time)\(")

SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE)
HANDLER = re.compile(r"<[^>{}]*\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)

NO_TEXT = [  # what is not read by people, or is marked for translation
    re.compile(r"{%\s*comment.*?endcomment\s*%}", re.DOTALL),
    re.compile(r"{#.*?#}", re.DOTALL),
    re.compile(r"{%\s*blocktrans(late)?\b.*?endblocktrans(late)?\s*%}", re.DOTALL),
    re.compile(r"<(script|style|code|svg|kbd|pre|samp)\b.*?</\1>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"{[{%].*?[}%]}", re.DOTALL),
    re.compile(r"<[^>]*>", re.DOTALL),
    re.compile(r"&\w+;"),
]
WORDS = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]+")
# Names that are the same in every language, and the language switch itself.
SAME_EVERYWHERE = {
    "xlsx",
    "PDF",
    "CSV",
    "XML",
    "CAP",
    "RSS",
    "Atom",
    "JSON",
    "GeoJSON",
    "SMS",
    "API",
    "URL",
    "English",
    "中文",
    "Excel",
}

BILINGUAL: dict[str, str] = {
    "lastmile/alerting/templates/alerting/resident/sentence.html": "a stranger's language is not known: both are shown",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_time_comes_from_the_one_clock() -> None:
    found = [named(path) for path in SOURCES if OTHER_CLOCKS.search(path.read_text())]
    assert [name for name in found if name != "lastmile/kernel/clock.py"] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_page_has_no_inline_script(path: Path) -> None:
    text = path.read_text()
    assert SCRIPT.search(text) is None
    assert HANDLER.search(re.sub(r"{[{%].*?[}%]}", "", text, flags=re.DOTALL)) is None


@pytest.mark.parametrize("path", [path for path in TEMPLATES if named(path) not in BILINGUAL], ids=named)
def test_every_text_of_a_page_can_be_translated(path: Path) -> None:
    text = path.read_text()
    for pattern in NO_TEXT:
        text = pattern.sub(" ", text)
    assert set(WORDS.findall(text)) - SAME_EVERYWHERE == set()


ACT = re.compile(r"audit\.record\(\s*\"([a-z_]+\.[a-z_]+)\"")


def test_every_act_in_the_audit_trail_has_words_and_its_room_too() -> None:
    """The auditor and the report say what was done, not what the program calls it."""
    from lastmile.community.accounts import words

    recorded = {act for path in SOURCES for act in ACT.findall(path.read_text())}
    assert len(recorded) > 100
    assert sorted(recorded - set(words.ACTS)) == []
    assert {act.partition(".")[0] for act in recorded} <= {room for room, _words in words.ROOMS}
