"""From pasted text to lines: who answered and what; each line that is not blank comes out, understood or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lastmile.facts.chain import marks, words
from lastmile.facts.chain.marks import plain
from lastmile.facts.dictionary import Field
from lastmile.facts.models import FieldType
from lastmile.facts.values import DAY, MEASURES, clean
from lastmile.facts.values import read as read_value
from lastmile.kernel.errors import Refusal

LONGEST = 20_000
MOST_LINES = 500

NUMBERED = re.compile(r"^\s*[(（]?(\d{1,4})\s*[.、．,，:：)）]\s*(?=\D|\d)(.*)$")
SPACED = re.compile(r"^\s*(\d{1,4})\s+(\D.*)$")
INNER = re.compile(r"(?<=\S)[ \t\u3000]+(?=\d{1,3}\s*[.、．)）]\s*[^\d\s])")  # "1.张三2人 2.李四3人" in one line
# What stands in brackets explains, and is no answer of its own.
NOTE = re.compile(r"[(（【\[][^()（）【】\[\]]*[)）】\]]")
LONGEST_LINE = 400
HEADING = re.compile(r"^\W*(接龙|例|例如|示例|格式|说明|注|请|截止)")
EDGE = " \t:：,，;；、.。-—–~～=>/|"
SAID = "|".join(map(re.escape, [*words.NO_WORDS, *words.YES_WORDS]))
# A name ends at a mark, a digit, an emoji or a word of yes or no; at a Chinese number only from its second
# character on, so that 张三两人 is two people of 张三.
WHO = re.compile(
    rf"^@?(?P<who>[^\W\d_]+?(?:·[^\W\d_]+)*)"
    rf"(?=$|[\s:：,，;；、+＋\-—–~～=/(（|]|\d|(?<=\w\w)[{words.HAN}]+[{MEASURES}]|{SAID}|[^\w\s])"
)

APART = re.compile(r"[ \t\u3000;；,，、/]+")
WHOLE = re.compile(
    rf"[^\W\d_{words.HAN}]{{1,3}}[^\W\d_]{{0,2}}?[:：]?(?:[+]?\d{{1,5}}[{MEASURES}]?|[{words.HAN}]{{1,3}}[{MEASURES}]|{SAID})"
)

# Looks up who a line begins with: (the part of the line that names them, the rest), or None.
Named = Callable[[str], "tuple[str, str] | None"]


@dataclass
class Line:
    """One line of the chain. `values` is as typed, one for each field, '' where nothing fits."""

    number: int  # from 1, among the lines that are not blank
    raw: str
    who: str = ""
    rest: str = ""
    values: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: str = ""  # why this is not an answer

    @property
    def is_answer(self) -> bool:
        return not self.left_out


def lines(text: str) -> list[str]:
    """The lines that are not blank, with several answers in one line put apart. Raises Refusal for a wall of text."""
    if len(text) > LONGEST:
        raise Refusal(_("The text is longer than %(n)s characters.") % {"n": LONGEST}, _("Paste one chain at a time."))
    whole = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", text)
    parts = [piece for line in whole for part in INNER.split(line) for piece in _apart(part)]
    found = [part.strip() for part in parts if clean(part)]
    if len(found) > MOST_LINES:
        raise Refusal(_("These are more than %(n)s lines.") % {"n": MOST_LINES}, _("Paste one chain at a time."))
    if not found:
        raise Refusal(_("Nothing was pasted."), _("Copy the chain from the chat and paste it here."))
    return found


def _apart(line: str) -> list[str]:
    """“沈六2人 韩七3人 杨八无”: put apart only where every piece is a whole answer of its own."""
    pieces = [piece for piece in APART.split(line) if piece.strip()]
    if len(line) <= LONGEST_LINE and len(pieces) > 1 and all(WHOLE.fullmatch(plain(piece)) for piece in pieces):
        return pieces
    return [line]


def missing(found: Sequence[Line]) -> list[int]:
    """Numbers that the chain leaves out: perhaps somebody's line was not copied."""
    had = {int(one[1]) for line in found if (one := NUMBERED.match(plain(line.raw)) or SPACED.match(plain(line.raw)))}
    if not had or max(had) > MOST_LINES:
        return []
    return [number for number in range(1, max(had)) if number not in had]


def read(text: str, fields: Sequence[Field], named: Named) -> list[Line]:
    """Every line that is not blank, in order."""
    found = [_line(index, raw, named) for index, raw in enumerate(lines(text), start=1)]
    first = next((line.number for line in found if _numbered(line.raw)), None)
    for line in found:
        if line.left_out:
            continue
        before = first is not None and line.number < first and named(plain(line.raw)) is None
        if HEADING.match(plain(line.raw)) or before:
            line.left_out = _("a heading")
            continue
        line.values, line.doubts = answers(line.rest, fields)
        if not any(line.values) and not line.rest:
            line.doubts = [_("there is a name, but no answer")]
    return found


def _numbered(raw: str) -> bool:
    return NUMBERED.match(plain(raw)) is not None


def _line(index: int, raw: str, named: Named) -> Line:
    line, text = Line(index, raw), plain(raw)
    if len(text) > LONGEST_LINE:
        line.left_out = _("too long for one answer")
        return line
    for candidate in _candidates(text):
        known = named(candidate)
        if known is not None:
            line.who, line.rest = known[0], known[1].strip(EDGE)
            return line
    bare = _bare(text)
    guessed = WHO.match(bare)
    if guessed is None:
        line.left_out = _("no name or number of a grid or household was found")
        return line
    line.who, line.rest = guessed["who"], bare[guessed.end() :].strip(EDGE)
    return line


def _candidates(text: str) -> list[str]:
    """The line without the number in front of it, and as it is: "1. 张三" is numbered, "1 网格" may be a name."""
    if marks.ORDINAL.match(text):
        return [marks.ORDINAL.sub("", text).lstrip("@ "), text]
    numbered, spaced = NUMBERED.match(text), SPACED.match(text)
    if numbered and numbered[2].strip():
        return [numbered[2].lstrip("@ "), text]
    return [text.lstrip("@"), spaced[2].lstrip("@ ")] if spaced else [text.lstrip("@")]


def _bare(text: str) -> str:
    """The line without any number in front of it."""
    if marks.ORDINAL.match(text):
        return marks.ORDINAL.sub("", text).lstrip("@ ")
    found = NUMBERED.match(text) or SPACED.match(text)
    return found[2].lstrip("@ ") if found else text.lstrip("@ ")


def answers(rest: str, fields: Sequence[Field]) -> tuple[list[str], list[str]]:
    """One value for each field out of what follows the name, and what is doubtful about it."""
    wanted = [one for one in fields if one.is_number]
    said, doubts = _said(rest)
    counted = words.numbers(said)
    taken = _numbers(wanted, counted, said)
    values = []
    for one in fields:
        value = taken.get(one.name, "") if one.is_number else _other(one, said, alone=len(fields) == 1)
        values.append(value)
        doubts += _doubts(one, value)
        doubts += [
            _("“%(text)s” counts something else") % {"text": raw.strip()}
            for told, of, raw in counted
            if one.is_number and told == value and words.is_other(of, str(one.unit))
        ]
    if wanted and words.is_rough(said):
        doubts.append(_("the number was meant roughly"))
    if wanted and _is_more(wanted, counted):
        doubts.append(
            _("more numbers than questions: %(all)s") % {"all": "、".join(as_is for _v, _of, as_is in counted)}
        )
    return values, doubts


def _is_more(wanted: Sequence[Field], counted: Sequence[tuple[str, str, str]]) -> bool:
    """Whether a number is left over that could be the answer: 3户12人 is clear where 人 are asked for, 2人3人 not."""
    units = [str(one.unit) for one in wanted]
    measures = [of for _value, of, _raw in counted]
    if all(unit and measures.count(unit) == 1 for unit in units):
        return any(not of for of in measures)
    return len(counted) > len(wanted)


def _said(rest: str) -> tuple[str, list[str]]:
    """What follows the name, without phone numbers and without notes in brackets beside an answer, and the doubts."""
    doubts = []
    without = words.PHONE.sub(" ", rest)
    if without != rest:
        doubts.append(_("a phone number was left out"))
    said = NOTE.sub(" ", without)
    if said != without and clean(said):
        doubts.append(_("what stands in brackets was not counted"))
        return said, doubts
    return without, doubts


def _doubts(one: Field, value: str) -> list[str]:
    if not value:
        return [_("no answer to “%(label)s”") % {"label": one.label}]
    try:
        read_value(one.type, value, unit=str(one.unit), choices=one.choices)
    except Refusal as refusal:
        return [str(refusal.says)]
    return []


def _numbers(wanted: Sequence[Field], counted: list[tuple[str, str, str]], rest: str) -> dict[str, str]:
    """Numbers by what they count where that tells them apart, else in order; “none” is 0."""
    if not counted:
        return {one.name: "0" for one in wanted} if words.yes_or_no(rest) == "no" else {}
    taken: dict[str, str] = {}
    left = list(counted)
    for one in wanted:
        same = [token for token in left if token[1] and token[1] == str(one.unit)]
        if len(same) == 1:
            taken[one.name] = same[0][0]
            left.remove(same[0])
    for one in wanted:
        if one.name not in taken and left:
            taken[one.name] = left.pop(0)[0]
    return taken


def _other(one: Field, rest: str, *, alone: bool) -> str:
    if one.type == FieldType.YES_NO:
        return words.yes_or_no(rest)
    if one.type == FieldType.CHOICE:
        said = [choice for choice in one.choices if choice in rest]
        return said[0] if len(said) == 1 else ""
    if one.type == FieldType.DATE:
        day = DAY.search(rest)
        return day[0] if day else ""
    return rest if alone else ""
