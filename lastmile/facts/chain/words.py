"""Numbers, yes and no as people write them in a chat."""

from __future__ import annotations

import re
from decimal import Decimal

from lastmile.facts.values import MEASURES, NO, NUMBER, YES, clean

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
DIGITS_ONLY = "".join(DIGITS)
HAN = DIGITS_ONLY + "".join(TENS)
HAND = dict.fromkeys("👌🉑⭕☑🙆🆗💯", "yes") | dict.fromkeys("👎🚫", "no")
MORE_YES = {"收到", "已完成", "完成", "有的", "可以", "ok", "已到", "到了", "在"}
MORE_NO = {"无人", "没人", "未完成", "不行", "不可以", "不在"}
NOT = "不没未无"  # before a word of yes: 不好, 没到
KINDS = dict.fromkeys("人名位口", "people") | dict.fromkeys("户家", "doors")
UNSAID = re.compile(r"没有?问题|无问题|[吗么嘛?]")  # no answer to “is there”: no problem, is there?
ROUGHLY = re.compile(rf"约|大概|大约|左右|上下|可能|估计|至少|不到|[\d{HAN}][多余来几]|几[{HAN}{MEASURES}]")
PAIR = re.compile(rf"(?<![{HAN}])[{DIGITS_ONLY}]{{2}}(?=[{MEASURES}])")  # 三五人
PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1\d{2}[\d*xX＊ -]{4,8}\d{4}(?!\d)|(?<!\d)\d{12,}(?!\d)")


def _longest_first(found: set[str]) -> list[str]:
    return sorted(found, key=lambda word: (-len(word), word))


YES_WORDS = _longest_first((YES | MORE_YES) - {"1", "y", "n"})
NO_WORDS = _longest_first((NO | MORE_NO) - {"0", "n", "y"})
PER_EMOJI = re.compile("|".join(map(re.escape, [*HAND, "✅", "👍", "❌", "✔", "✓", "√", "✗", "✘"])))

# A number with what is counted: 2人, +1, 1,200, 3.5, 两户, 十二; a Chinese one only with its measure or alone.
TOKEN = re.compile(
    rf"[+]?(?P<number>\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(?P<times>[万千百]?)\s*(?P<of>[{MEASURES}]?)"
    rf"|(?<![{HAN}])(?P<han>[{HAN}]+)\s*(?P<han_of>[{MEASURES}])"
    rf"|(?:^|(?<=[\s:,;、]))(?P<bare>[{HAN}]+)(?=$|[\s,;、.。])"
)


def han(text: str) -> int | None:
    """A number in Chinese characters.

    >>> han("十二"), han("两百零三"), han("一万二千"), han("三五")
    (12, 203, 12000, 35)
    """
    if not text or any(c not in HAN for c in text):
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, part, digit = 0, 0, 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c == "万":
            total, part, digit = (total + part + digit) * TENS[c], 0, 0
        else:
            part += (digit or 1) * TENS[c]
            digit = 0
    return total + part + digit


def numbers(text: str) -> list[tuple[str, str, str]]:
    """Every number in a text as (value, what is counted, as written)."""
    found = []
    for token in TOKEN.finditer(text):
        if token["number"]:
            value = Decimal(token["number"].replace(",", "")) * TENS.get(token["times"], 1)
            found.append((format(value.normalize(), "f"), token["of"], token[0]))
        else:
            value_ = han(token["han"] or token["bare"])
            found.append((str(value_), token["han_of"] or "", token[0]))
    return found


def is_rough(text: str) -> bool:
    """Whether a number was meant roughly: 约20人, 20余人, 三五人.

    >>> is_rough("约20人"), is_rough("三五人"), is_rough("二十五人")
    (True, True, False)
    """
    pairs: list[str] = PAIR.findall(text)
    return bool(ROUGHLY.search(text)) or any(0 < DIGITS[pair[1]] - DIGITS[pair[0]] < 3 for pair in pairs)


def yes_or_no(text: str) -> str:
    """ "yes", "no", or "" when the text says neither or both."""
    said = {HAND.get(e, "yes" if e in YES else "no") for e in PER_EMOJI.findall(text)}
    plain = clean(text).lower()
    if UNSAID.search(plain):
        return ""
    for word in [not_ + word for word in YES_WORDS for not_ in NOT]:
        if word in plain and word not in YES_WORDS:
            said.add("no")
            plain = plain.replace(word, " ")
    for word in NO_WORDS:
        if word in plain:
            said.add("no")
            plain = plain.replace(word, " ")
    for word in YES_WORDS:
        if word in plain:
            said.add("yes")
            plain = plain.replace(word, " ")
    return said.pop() if len(said) == 1 else ""


def is_other(measure: str, unit: str) -> bool:
    """Whether a measure word counts doors where people are asked for, or people where doors are."""
    here, wanted = KINDS.get(measure), KINDS.get(unit)
    return here is not None and wanted is not None and here != wanted


def is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))
