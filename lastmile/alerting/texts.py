"""Turn a warning into what people read and hear: action first, numbers after. The same input gives the same text.

A text's language is the message's, never that of the officer's pages, so nothing here is translated by gettext.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, LEVEL_NAME, Colour, Hazard
from lastmile.alerting.models import Alert, Kind
from lastmile.alerting.models.frozen import FrozenText
from lastmile.kernel import clock

LINK = "{link}"
CODE = "{code}"  # where the code of the reader's door goes, as a sentence of its own; nothing for who has none
DOOR = {"zh": "门户编号{}。", "en": "Your door's code: {}. "}
TOKEN_PATH = 22  # characters of "/r/<token>"
BUDGET = 3 * 67  # an SMS of three parts; what does not fit is on the page behind the link
PRESS = "收到请按1，已转移请按2，需要帮助请按3。"
CHARACTERS_A_SECOND = 4.0  # of Chinese, read by a loudspeaker so that it carries over a field
WORDS_A_SECOND = 2.2
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


def render(alert: Alert) -> dict[str, FrozenText]:
    """The message in every language it is written in; "zh" always, "en" once it has a headline."""
    texts = {"zh": _chinese(alert)}
    if str(alert.english.get("headline", "")).strip():
        texts["en"] = _english(alert)
    return texts


def preview(sms: str) -> str:
    """The SMS with a link and a code as long as the real ones, for counting and showing."""
    language = "zh" if re.search("[\u4e00-\u9fff]", sms) else "en"
    link = f"{settings.PUBLIC_URL}/r/{'x' * (TOKEN_PATH - 3)}"
    return sms.replace(CODE, DOOR[language].format("123-456")).replace(LINK, link)


def with_note(sms: str, note: str) -> str:
    """The SMS with a local note, placed before the link."""
    if not note:
        return sms
    at = sms.rfind(LINK)
    return f"{sms} {note}" if at < 0 else f"{sms[:at]}{note} {sms[at:]}"


def with_keys(voice: str, note: str, language: str) -> str:
    """What a telephone says: the script, the local note, and what to press once it has been heard to the end."""
    press = "Press 1 if you have it, 2 if you have moved, 3 for help." if language == "en" else PRESS
    return " ".join(part for part in (voice, note, press) if part) if language == "en" else f"{voice}{note}{press}"


def length(text: str) -> int:
    """Characters as the phone network counts them: UTF-16 units."""
    return len(text.encode("utf-16-be")) // 2


def seconds(voice: str) -> int:
    """How long a loudspeaker reads it."""
    chinese = len(re.findall(r"[\u4e00-\u9fff0-9]", voice))
    words = len(re.findall(r"[A-Za-z]+", voice))
    pauses = len(re.findall(r"[。！？，；,.!?;]", voice))
    return math.ceil(chinese / CHARACTERS_A_SECOND + words / WORDS_A_SECOND + pauses * 0.3)


def lines(text: str) -> list[str]:
    """The steps of an instruction, one a line, without bullets and numbering."""
    found = (re.sub(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s*", "", line).strip() for line in text.splitlines())
    return [line for line in found if line]


def title(alert: Alert, language: str = "zh") -> str:
    """The headline as written, or one made of hazard, colour and issuer."""
    zh = language == "zh"
    written = alert.headline if zh else str(alert.english.get("headline", ""))
    if written.strip():
        return written.strip()
    name, colour = warning_name(alert, language)
    if zh:
        verb = {Kind.LIFT: "解除", Kind.CANCEL: "撤销", Kind.UPDATE: "更新"}.get(Kind(alert.kind), "发布")
        return f"{'、'.join(alert.issuers) or alert.place.name}{verb}{name}{colour}预警"
    return f"{name}: {colour} warning {'lifted' if alert.kind in (Kind.LIFT, Kind.CANCEL) else 'issued'}"


def warning_name(alert: Alert, language: str = "zh") -> tuple[str, str]:
    at = 0 if language == "zh" else 1
    return HAZARD_NAME[Hazard(alert.hazard)][at], COLOUR_NAME[Colour(alert.colour)][at]


def changes(alert: Alert) -> str:
    """What an update changes against the message it follows, in one Chinese sentence; then the written reason."""
    before = alert.replaces
    if before is None:
        return ""
    old, new = COLOUR_NAME[Colour(before.colour)][0], COLOUR_NAME[Colour(alert.colour)][0]
    ends = moment(alert.ends_at) if alert.ends_at else ""
    said = [
        (alert.colour != before.colour, f"预警由{old}{'升' if alert.colour < before.colour else '降'}为{new}"),
        (alert.hazard != before.hazard, f"灾害类别改为{HAZARD_NAME[Hazard(alert.hazard)][0]}"),
        (bool(ends) and alert.ends_at != before.ends_at, f"结束时间改为{ends}"),
        (alert.audience != before.audience, "范围有调整"),
        (bool(alert.shelter) and alert.shelter != before.shelter, "去处有变化"),
        (lines(alert.instruction) != lines(before.instruction), "应对措施有变化"),
        (bool(alert.reason.strip()), alert.reason.strip().rstrip("。")),
    ]
    return "，".join(sentence for changed, sentence in said if changed)


def changes_english(alert: Alert) -> str:
    """The same for those who read English; the written reason is Chinese and stays out."""
    before = alert.replaces
    if before is None:
        return ""
    old, new = COLOUR_NAME[Colour(before.colour)][1], COLOUR_NAME[Colour(alert.colour)][1]
    ends = f"{alert.ends_at.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}" if alert.ends_at else ""
    said = [
        (
            alert.colour != before.colour,
            f"{'raised' if alert.colour < before.colour else 'lowered'} from {old} to {new}",
        ),
        (alert.hazard != before.hazard, f"the hazard is now {HAZARD_NAME[Hazard(alert.hazard)][1].lower()}"),
        (bool(ends) and alert.ends_at != before.ends_at, f"it now ends {ends}"),
        (alert.audience != before.audience, "the area has changed"),
        (bool(alert.shelter) and alert.shelter != before.shelter, "where to go has changed"),
        (lines(alert.instruction) != lines(before.instruction), "what to do has changed"),
    ]
    found = "; ".join(sentence for changed, sentence in said if changed)
    return f"What changed: {found}." if found else ""


def moment(at: datetime) -> str:
    """7月20日09时08分, in Beijing time."""
    local = at.astimezone(clock.BEIJING)
    return f"{local.month}月{local.day}日{local:%H时%M分}"


def poster_words(alert: Alert) -> dict[str, str]:
    """The fixed words of the poster; like all of a message they are in its language, not in the officer's."""
    at = f"{moment(alert.issued_at)}发布" if alert.issued_at else "（未发布）"
    start = moment(alert.starts_at) if alert.starts_at else ""
    end = moment(alert.ends_at) if alert.ends_at else ""
    return {
        "now": "现在要做",
        "shelter": "去哪里",
        "contact": "求助电话",
        "area": "范围：",
        "when": f"时间：{start} 至 {end}",
        "signed": f"{'、'.join(alert.issuers) or alert.place.name} {at}",
    }


def _chinese(alert: Alert) -> FrozenText:
    headline = title(alert)
    return FrozenText(
        headline=f"【演练】{headline}" if alert.exercise and "演练" not in headline else headline,
        description=alert.description.strip(),
        instruction="\n".join(lines(alert.instruction)),
        shelter=alert.shelter.strip(),
        contact=alert.contact.strip(),
        sms=_sms(alert),
        voice=_voice(alert),
        subject=_subject(alert, headline),
    )


def _subject(alert: Alert, headline: str) -> str:
    """Tag and headline; the hazard is named once where the headline names it."""
    name, colour = warning_name(alert)
    tag = _tag(alert)
    if f"{name}{colour}预警" in headline:
        tag = tag.replace(f"·{name}{colour}预警】", "】").replace(f"【{name}{colour}预警】", "")
    return f"{tag}{headline}"


def _tag(alert: Alert) -> str:
    """【演练】【暴雨红色】, 【更新】…: the first thing anybody reads."""
    name, colour = warning_name(alert)
    kind = {Kind.UPDATE: "更新·", Kind.LIFT: "解除·", Kind.CANCEL: "撤销·"}.get(Kind(alert.kind), "")
    return f"{'【演练】' if alert.exercise else ''}【{kind}{name}{colour}预警】"


def _sms(alert: Alert) -> str:
    """Tag and first action always; then as much of the rest as fits, most useful first; the link last."""
    code = CODE if alert.shelter.strip() else ""  # who is sent somewhere says it there
    tail = f"{_signed(alert)}。{code}回1收到2已转移3求助，详情{LINK}"
    if alert.kind in (Kind.LIFT, Kind.CANCEL):
        tail = f"{_signed(alert)}。详情{LINK}"
    room = BUDGET - len(_tag(alert)) - length(preview(tail))
    return _tag(alert) + fit(_points(alert), room) + tail


def _points(alert: Alert) -> list[str]:
    """Sentences in the order in which they are worth reading on a phone."""
    steps = lines(alert.instruction)
    shelter = [f"去处：{_flat(alert.shelter)}"] if alert.shelter.strip() else []
    contact = [f"求助电话：{alert.contact.strip()}"] if alert.contact.strip() else []
    facts = _SENTENCE.findall(alert.description.strip())
    name, colour = warning_name(alert)
    if alert.kind == Kind.LIFT:
        return [f"{name}{colour}预警已解除", *_reason(alert), *steps, *contact]
    if alert.kind == Kind.CANCEL:
        return [f"此前发布的{name}{colour}预警作废，请不要再转发", *_reason(alert), *steps, *contact]
    changed = [changes(alert)] if alert.kind == Kind.UPDATE and changes(alert) else []
    return [*changed, *steps[:1], *shelter, *steps[1:3], *contact, *facts[:2], *steps[3:], *facts[2:]]


def _reason(alert: Alert) -> list[str]:
    return [alert.reason.strip()] if alert.reason.strip() else []


def fit(points: Sequence[str], room: int) -> str:
    """The first point whole, then every further one that still fits, each ended as a sentence."""
    said = ""
    for index, point in enumerate(points):
        sentence = _ended(point)
        if index == 0 or length(said) + length(sentence) <= room:
            said += sentence
    return said


def _ended(text: str) -> str:
    flat = _flat(text).rstrip("；;，,")
    return flat if flat.endswith(("。", "！", "？", "!", "?", ".")) else f"{flat}。"


def _flat(text: str) -> str:
    return "，".join(line.strip() for line in text.strip().splitlines() if line.strip())


def _signed(alert: Alert) -> str:
    """Who says so, and when: two of the required facts."""
    at = alert.issued_at or clock.now()
    return f"{'、'.join(alert.issuers) or alert.place.name}{moment(at)}"


def _voice(alert: Alert) -> str:
    """A loudspeaker script: who is meant, what to do, twice; then why and by whom."""
    name, colour = warning_name(alert)
    opening = "各位居民请注意，各位居民请注意。"
    drill = "这是演练，这是演练，不是真实险情。" if alert.exercise else ""
    steps = "".join(_ended(step) for step in lines(alert.instruction))
    if alert.kind in (Kind.LIFT, Kind.CANCEL):
        news = f"{name}{colour}预警{'已经解除' if alert.kind == Kind.LIFT else '已经撤销'}。"
        reason = "".join(_ended(text) for text in _reason(alert))
        return f"{drill}{opening}{news}{reason}{steps}{news}{_signed(alert)}发布。{drill}"
    changed = _ended(changes(alert)) if alert.kind == Kind.UPDATE and changes(alert) else ""
    shelter = _ended(f"转移地点是{_flat(alert.shelter)}") if alert.shelter.strip() else ""
    contact = _ended(f"需要帮助请打电话{alert.contact.strip()}") if alert.contact.strip() else ""
    core = f"{steps}{shelter}{contact}"
    level = LEVEL_NAME[Colour(alert.colour)].split("/")[1]
    why = f"{name}{colour}预警，程度{level}。{_ended(alert.description) if alert.description.strip() else ''}"
    return f"{drill}{opening}{changed}{core}再说一遍。{core}{why}{_signed(alert)}发布。{drill}"


def _english(alert: Alert) -> FrozenText:
    text = {part: str(alert.english.get(part, "")).strip() for part in ("headline", "description", "instruction")}
    headline = title(alert, "en")
    headline = f"[EXERCISE] {headline}" if alert.exercise and "EXERCISE" not in headline.upper() else headline
    steps = " ".join(step.rstrip(".") + "." for step in lines(text["instruction"]))
    shelter = f"Go to: {_flat(alert.shelter)}." if alert.shelter.strip() else ""
    contact = f"Help: {alert.contact.strip()}." if alert.contact.strip() else ""
    local = (alert.issued_at or clock.now()).astimezone(clock.BEIJING)
    signed = f"{', '.join(alert.issuers) or alert.place.name}, {local:%Y-%m-%d %H:%M}."
    opening = (
        ""
        if alert.kind == Kind.ALERT
        else f"{ {'update': 'UPDATE', 'lift': 'ALL CLEAR', 'cancel': 'CANCELLED'}[alert.kind] }: "
    )
    changed = changes_english(alert) if alert.kind == Kind.UPDATE else ""
    news = (opening.strip() + f" {headline}.", changed, steps, shelter, contact)
    body = " ".join(part for part in news if part.strip())
    code = CODE if shelter and alert.kind not in (Kind.LIFT, Kind.CANCEL) else ""
    return FrozenText(
        headline=headline,
        description=text["description"],
        instruction="\n".join(lines(text["instruction"])),
        shelter=alert.shelter.strip(),
        contact=alert.contact.strip(),
        sms=f"{body.strip()} {signed} {code}Reply 1 got it, 2 moved, 3 help. {LINK}",
        voice=f"Attention please. {body.strip()} I repeat. {steps} {text['description']} {signed}",
        subject=f"{opening}{headline}",
    )
