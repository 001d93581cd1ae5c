"""The words of a warning: jargon with its plain form, empty phrases, first verbs, and what contradicts the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.alerting.models import Alert, Kind
from lastmile.community.org.models import Level, Place
from lastmile.kernel import clock


class Severity(StrEnum):
    """In the order of gravity."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Finding:
    """One point: the field it is about, what is wrong, and how to mend it."""

    severity: Severity
    field: str
    says: str
    mend: str


JARGON = {
    "强对流天气": "雷雨、大风、冰雹",
    "短时强降水": "一阵很急很大的雨",
    "雷暴大风": "打雷并刮大风",
    "累积降水量": "总共下的雨",
    "累计降水量": "总共下的雨",
    "累计降雨量": "总共下的雨",
    "累积降雨量": "总共下的雨",
    "小时雨强": "一小时下的雨",
    "雨强": "雨下得多急",
    "次生灾害": "山洪、滑坡、积水等",
    "承灾体": "房屋、道路、庄稼等",
    "应急响应": "具体要做的事（停课、停工、转移……）",
    "临灾转移": "马上离家到安全处",
    "受威胁群众": "住在河边、沟口、山坡下的人",
    "隐患点": "容易滑坡、塌方的地方",
    "低洼易涝": "地势低、容易积水",
    "强降雨云团": "大雨",
    "对流云团": "雷雨云",
    "能见度": "看得清多远",
    "阵性大风": "一阵一阵的大风",
    "超警戒水位": "水已漫到危险高度",
    "避险": "躲到安全处",
}
# Phrases that ask for nothing anybody could do.
EMPTY = (
    r"请?(?:各有关单位和|有关单位和)?(?:广大)?(?:人员|市民|群众|公众)?"
    r"(?:注意防范|加强防范|做好防范(?:准备|工作)?|密切关注|提高警惕|高度重视|注意安全)"
)
FIRST = (
    "立即 马上 赶快 尽快 现在 不要 别 勿 切勿 停 离开 撤 转移 远离 避开 躲 关 切断 断开 拔 收 "
    "留在 待在 呆在 进 上楼 上到 到 去 往 回 抱 蹲 趴 捂 戴 穿 带 备 打 拨 叫 喊 喝 吃 检查 "
    "加固 固定 减速 慢 绕 让 把 熄 灭 减少 取消 暂停 搬 抬 走 跑 用 洗 锁 移 守 听 看住 接 送 住在 老人 可以 所有人 "
    "住到 出门 记住 添 尽量 一律 不到 不进 不带 清 林区 船只 下游 工地 地下"
).split()
MOVING = ("转移", "撤离", "离开家", "搬到", "搬离", "撤到", "疏散")
_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
_NUMBER = re.compile(r"\d+(?:\.\d+)?\s*(?:毫米|米/秒|级|℃|摄氏度|立方米|百帕)")


def begins_with_action(step: str) -> bool:
    return step.lstrip("【】“”\"' 请").startswith(tuple(FIRST))


def speaks_of_moving(steps: str) -> bool:
    return any(word in steps for word in MOVING)


def check(alert: Alert) -> Iterator[Finding]:
    yield from _gaps(alert)
    yield from _jargon(alert)
    yield from _empty(alert)
    yield from _numbers(alert)
    yield from _other_dates(alert)
    yield from _other_colour(alert)
    yield from _other_hazard(alert)
    yield from _other_place(alert)


def _all(alert: Alert) -> str:
    return "\n".join((alert.headline, alert.description, alert.instruction, alert.shelter))


def _gaps(alert: Alert) -> Iterator[Finding]:
    """What a template leaves open in {braces}."""
    english = alert.english or {}
    fields = {name: getattr(alert, name) for name in ("headline", "description", "instruction", "shelter", "contact")}
    for name, text in [*fields.items(), ("english", "\n".join(str(part) for part in english.values()))]:
        gap = re.search(r"\{[^}\n]{0,30}\}?|\}", text)
        if gap and (name != "english" or english.get("headline")):
            yield Finding(
                Severity.ERROR,
                name,
                _("There is still a gap to fill in: %(gap)s") % {"gap": gap.group()},
                _("Write what is meant in its place, without braces."),
            )


def _jargon(alert: Alert) -> Iterator[Finding]:
    seen = 0
    for word in sorted(JARGON, key=len, reverse=True):
        for name in ("instruction", "description"):
            text = getattr(alert, name)
            if word in text and seen < 6 and JARGON[word] not in text:
                seen += 1
                yield Finding(
                    Severity.WARNING if name == "instruction" else Severity.HINT,
                    name,
                    _("“%(word)s” is not how people talk.") % {"word": word},
                    _("Say it plainly: “%(plain)s”.") % {"plain": JARGON[word]},
                )
                break


def _empty(alert: Alert) -> Iterator[Finding]:
    for name in ("instruction", "description"):
        found = re.search(EMPTY, getattr(alert, name))
        if found:
            yield Finding(
                Severity.WARNING,
                name,
                _("“%(phrase)s” does not tell anybody what to do.") % {"phrase": found.group()},
                _("Say who does what now: leave the river bank, move the old people upstairs, stop work…"),
            )


def _numbers(alert: Alert) -> Iterator[Finding]:
    """Measured values mean nothing to most people unless a step follows from them."""
    number = _NUMBER.search(alert.description)
    if number and not alert.instruction.strip():
        yield Finding(
            Severity.WARNING,
            "description",
            _("It gives numbers (“%(number)s”), but nothing to do about them.") % {"number": number.group()},
            _("Say what it means: water to the knee, trees falling, no driving."),
        )
    first = alert.instruction.strip().splitlines()[:1]
    if first and _NUMBER.search(first[0]):
        yield Finding(
            Severity.HINT, "instruction", _("The first step holds a measured value."), _("Action first, numbers after.")
        )


def _other_dates(alert: Alert) -> Iterator[Finding]:
    if not alert.starts_at or not alert.ends_at:
        return
    first = clock.day_of(alert.starts_at - timedelta(days=2))
    last = clock.day_of(alert.ends_at + timedelta(days=3))
    allowed = {
        ((first + timedelta(days=n)).month, (first + timedelta(days=n)).day) for n in range((last - first).days + 1)
    }
    years = {first.year, last.year}
    for year, month, day in _DATE.findall(_all(alert)):
        if (int(month), int(day)) not in allowed or (year and int(year) not in years):
            yield Finding(
                Severity.WARNING,
                "description",
                _("The text speaks of %(date)s, which is not when this warning holds.")
                % {"date": f"{year + '年' if year else ''}{month}月{day}日"},
                _("Correct the text, or the start and end."),
            )
            return


def _other_colour(alert: Alert) -> Iterator[Finding]:
    own = COLOUR_NAME[Colour(alert.colour)][0]
    others = [zh for zh, _en in COLOUR_NAME.values() if zh != own]
    found = re.search(rf"({'|'.join(others)})(?:预警|\[|（|信号)", _all(alert))
    if found and alert.kind == Kind.ALERT and not re.search(rf"{own}(?:预警|\[|（|信号)", _all(alert)):
        yield Finding(
            Severity.WARNING,
            "colour",
            _("The text says %(word)s, but the colour is set to %(own)s.") % {"word": found.group(1), "own": own},
            _("Correct one of them."),
        )


def _other_hazard(alert: Alert) -> Iterator[Finding]:
    own = HAZARD_NAME[Hazard(alert.hazard)][0]
    names = sorted((zh for zh, _en in HAZARD_NAME.values()), key=len, reverse=True)
    colours = "|".join(zh for zh, _en in COLOUR_NAME.values())
    said = re.findall(rf"({'|'.join(names)})(?:{colours})?预警", _all(alert))
    if said and own not in said and Hazard(alert.hazard) is not Hazard.OTHER:
        yield Finding(
            Severity.WARNING,
            "hazard",
            _("The text warns of %(word)s, but the hazard is set to %(own)s.") % {"word": said[0], "own": own},
            _("Correct one of them."),
        )


def _other_place(alert: Alert) -> Iterator[Finding]:
    """Counties and townships of the same city that the text names and the area leaves out."""
    chosen = tuple((alert.audience or {}).get("places", ()))
    text = f"{alert.headline}\n{alert.description}"
    if not chosen or not text.strip():
        return
    places = Place.objects.under(alert.place_id[:4]).filter(level__in=(Level.COUNTY, Level.TOWNSHIP)).current()
    for code, name in places.values_list("code", "name"):
        inside = code.startswith(chosen) or any(one.startswith(code) for one in chosen)
        if len(name) > 2 and name in text and not inside and code != alert.place_id:
            yield Finding(
                Severity.WARNING,
                "audience",
                _("The text names %(place)s, which is not in the area.") % {"place": name},
                _("Add it to the area, or take it out of the text."),
            )
            return
