"""The card of a warning, written once: colour, headline, what to do, where, until when, and a link.

Its language is Chinese, as the apps and their groups are. Nothing in it is anybody's own: whoever is in the group, and
whoever it is passed on to, reads the same, so its link confirms nothing. The word 预警 stands in each of them, for
robots that take only what holds an agreed word: an all-clear must not be lost by its wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from lastmile.alerting import published
from lastmile.alerting.models import WARNS, AlertEvent, ChatGroup
from lastmile.kernel import clock

MARKS: Final = {1: "🔴", 2: "🟠", 3: "🟡", 4: "🔵", 0: "🟢"}
NAMES: Final = {1: "红色", 2: "橙色", 3: "黄色", 4: "蓝色"}
WECOM: Final = {1: "warning", 2: "warning", 3: "warning", 4: "comment", 0: "info"}  # all the colours it knows
FEISHU: Final = {1: "red", 2: "orange", 3: "yellow", 4: "blue", 0: "green"}
TITLE, TEXT, AREA = 100, 700, 120  # characters: 企业微信 takes 4,096 bytes
MOST_BYTES: Final = 4096
FOOT: Final = "预警信息。本消息不代表有人已读，请转告身边人。"
ASIDE: Final = "预警信息。点开后请以本人身份登录确认，群内消息不能代人确认。"
_ODD = re.compile(r"[\[\]<>`*#_~|\\\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Card:
    """`tone` is a colour, 1 red to 4 blue, or 0 for an end; `lines` are markdown that all three apps read."""

    tone: int
    title: str
    lines: tuple[str, ...]
    button: str
    link: str
    foot: str

    def wecom(self) -> str:
        """Markdown of its own dialect; it has no buttons, so the link is the last line."""
        head = f'**<font color="{WECOM[self.tone]}">{self.title}</font>**'
        end = f'[{self.button}]({self.link})\n<font color="comment">{self.foot}</font>'
        room = MOST_BYTES - len(f"{head}\n\n{end}".encode())
        text = "\n".join(self.lines).encode()[:room].decode(errors="ignore")
        return f"{head}\n{text}\n{end}"

    def dingtalk(self) -> str:
        return "\n\n".join([f"### {self.title}", *self.lines, f"> {self.foot}"])

    def feishu(self) -> dict[str, Any]:
        button = {"tag": "button", "type": "primary", "url": self.link, "text": _plain_text(self.button)}
        return {
            "config": {"wide_screen_mode": True},
            "header": {"template": FEISHU[self.tone], "title": _plain_text(self.title)},
            "elements": [
                {"tag": "div", "text": {"tag": "lark_md", "content": "\n".join(self.lines)}},
                {"tag": "action", "actions": [button]},
                {"tag": "note", "elements": [_plain_text(self.foot)]},
            ],
        }


def _plain_text(text: str) -> dict[str, str]:
    return {"tag": "plain_text", "content": text}


def warning(group: ChatGroup, event: AlertEvent) -> Card:
    """Of one message of a warning."""
    notice = published.notice(event)
    text, ends = notice.text("zh"), event.alert.kind not in WARNS
    said = text.get("instruction", "") or text.get("description", "")
    lines = [_plain(line, TEXT) for line in said.splitlines() if line.strip()]
    if text.get("shelter"):
        lines.append(f"**去哪里** {_plain(text['shelter'], AREA)}")
    lines.append(f"**范围** {_plain(str(notice.area.get('description', '')) or notice.place_name, AREA)}")
    if not ends:
        lines.append(f"**级别** {NAMES[notice.colour]}　**有效至** {_moment(event.expires_at)}")
    lines.append(f"**发布** {_plain('、'.join(notice.issuers) or notice.place_name, AREA)} {_moment(event.sent_at)}")
    staff = group.audience == ChatGroup.Audience.STAFF
    return Card(
        tone=0 if ends else notice.colour,
        title=_titled(event),
        lines=tuple(lines),
        button="查看并确认" if staff and not ends else "查看详情",
        link=link(group, event),
        foot=ASIDE if staff and not ends else FOOT,
    )


def merged(group: ChatGroup, events: Sequence[AlertEvent]) -> Card:
    """Of many at once, the worst first: one card, so that a group can read them, and the robot is let post them."""
    ordered = sorted(events, key=lambda event: (event.alert.kind not in WARNS, event.colour, event.pk))
    worst = ordered[0]
    return Card(
        tone=0 if worst.alert.kind not in WARNS else worst.colour,
        title=f"{'【演练】' if all(event.exercise for event in events) else ''}{len(events)} 条预警信息",
        lines=tuple(f"[{_titled(event)}]({link(group, event)})" for event in ordered),
        button="查看全部",
        link=settings.PUBLIC_URL + reverse("alerting:alerts" if group.audience == "staff" else "public"),
        foot=ASIDE if group.audience == "staff" else FOOT,
    )


def test() -> Card:
    """What a try-out posts."""
    return Card(
        tone=4,
        title="【测试】预警群消息",
        lines=("这是一条测试，没有险情，不用做什么。", f"发送时间 {_moment(clock.now())}"),
        button="公众预警页面",
        link=settings.PUBLIC_URL + reverse("public"),
        foot=FOOT,
    )


def link(group: ChatGroup, event: AlertEvent) -> str:
    """Of staff: a page behind the log-in, where each confirms for themselves. Of residents: what everybody may read."""
    if group.audience == ChatGroup.Audience.STAFF:
        address = reverse("chat:answer", args=[event.alert.code])
    elif "web" in event.frozen["channels"]:
        address = reverse("public_warning", args=[event.alert.code])
    else:
        address = reverse("public")
    return settings.PUBLIC_URL + address


def _titled(event: AlertEvent) -> str:
    mark = MARKS[event.colour if event.alert.kind in WARNS else 0]
    return f"{mark} {_plain(event.frozen['texts']['zh']['headline'], TITLE)}"


def _plain(text: str, most: int) -> str:
    """On one line, and without what the apps would read as marks of their own (or as a call to everybody)."""
    found = " ".join(_ODD.sub(" ", text).split())
    return found if len(found) <= most else f"{found[: most - 1]}…"


def _moment(at: Any) -> str:
    return f"{at.astimezone(clock.BEIJING):%m月%d日 %H:%M}"
