"""The card of a warning, written once: colour, headline, what to do, where, until when, and a link.

Its language is that of the group (words). Nothing in it is anybody's own: whoever is in the group, and whoever it is
passed on to, reads the same, so its link confirms nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from lastmile.alerting import published
from lastmile.alerting.chat import words
from lastmile.alerting.chat.words import Words
from lastmile.alerting.models import WARNS, AlertEvent, ChatGroup
from lastmile.kernel import clock

MARKS: Final = {1: "🔴", 2: "🟠", 3: "🟡", 4: "🔵", 0: "🟢"}
WECOM: Final = {1: "warning", 2: "warning", 3: "warning", 4: "comment", 0: "info"}  # all the colours it knows
FEISHU: Final = {1: "red", 2: "orange", 3: "yellow", 4: "blue", 0: "green"}
TITLE, TEXT, AREA = 100, 700, 120  # characters: 企业微信 takes 4,096 bytes
MOST_BYTES: Final = 4096
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
    said = words.of(group.language)
    notice, text, ends = published.notice(event), _text(group, event), event.alert.kind not in WARNS
    body = text["instruction"] or text["description"]
    lines = [_plain(line, TEXT) for line in body.splitlines() if line.strip()]
    if text["shelter"]:
        lines.append(f"**{said.shelter}** {_plain(text['shelter'], AREA)}")
    lines.append(f"**{said.area}** {_plain(str(notice.area.get('description', '')) or notice.place_name, AREA)}")
    if not ends:
        until = _moment(said, event.expires_at)
        lines.append(f"**{said.colour}** {said.colours[notice.colour]}　**{said.until}** {until}")
    by = _plain(said.and_.join(notice.issuers) or notice.place_name, AREA)
    lines.append(f"**{said.issued}** {by} {_moment(said, event.sent_at)}")
    asks = group.audience == ChatGroup.Audience.STAFF and not ends
    return Card(
        tone=0 if ends else notice.colour,
        title=_titled(group, event),
        lines=tuple(lines),
        button=said.confirm if asks else said.more,
        link=link(group, event),
        foot=said.aside if asks else said.foot,
    )


def merged(group: ChatGroup, events: Sequence[AlertEvent]) -> Card:
    """Of many at once, the worst first: one card, so that a group can read them, and the robot is let post them."""
    said, staff = words.of(group.language), group.audience == ChatGroup.Audience.STAFF
    ordered = sorted(events, key=lambda event: (event.alert.kind not in WARNS, event.colour, event.pk))
    worst = ordered[0]
    mark = said.exercise if all(event.exercise for event in events) else ""
    return Card(
        tone=0 if worst.alert.kind not in WARNS else worst.colour,
        title=mark + said.many.format(n=len(events)),
        lines=tuple(f"[{_titled(group, event)}]({link(group, event)})" for event in ordered),
        button=said.all,
        link=settings.PUBLIC_URL + (reverse("alerting:alerts") if staff else _public(group, "public")),
        foot=said.aside if staff else said.foot,
    )


def test(group: ChatGroup) -> Card:
    """What a try-out posts."""
    said = words.of(group.language)
    return Card(
        tone=4,
        title=said.test,
        lines=(said.nothing, f"{said.sent} {_moment(said, clock.now())}"),
        button=said.site,
        link=settings.PUBLIC_URL + _public(group, "public"),
        foot=said.foot,
    )


def link(group: ChatGroup, event: AlertEvent) -> str:
    """Of staff: a page behind the log-in, where each confirms for themselves. Of residents: what everybody may read."""
    if group.audience == ChatGroup.Audience.STAFF:
        address = reverse("chat:answer", args=[event.alert.code])
    elif "web" in event.frozen["channels"]:
        address = _public(group, "public_warning", event.alert.code)
    else:
        address = _public(group, "public")
    return settings.PUBLIC_URL + address


def _public(group: ChatGroup, name: str, *args: str) -> str:
    """A public page; of a group that reads English, in English."""
    return reverse(name, args=args) + ("?lang=en" if group.language == "en" else "")


def _text(group: ChatGroup, event: AlertEvent) -> dict[str, str]:
    """In English what to do is said in Chinese where nobody wrote it in English: it is never left out."""
    text = published.text(event, group.language)
    if not text["instruction"] and event.alert.kind in WARNS:
        chinese = published.text(event, "zh")
        text |= {name: text[name] or chinese[name] for name in ("instruction", "shelter")}
        text["instruction"] = "\n".join(filter(None, [text["description"], text["instruction"]]))
    return text


def _titled(group: ChatGroup, event: AlertEvent) -> str:
    mark = MARKS[event.colour if event.alert.kind in WARNS else 0]
    return f"{mark} {_plain(published.text(event, group.language)['headline'], TITLE)}"


def _plain(text: str, most: int) -> str:
    """On one line, and without what the apps would read as marks of their own (or as a call to everybody)."""
    found = " ".join(_ODD.sub(" ", text).split())
    return found if len(found) <= most else f"{found[: most - 1]}…"


def _moment(said: Words, at: datetime) -> str:
    return at.astimezone(clock.BEIJING).strftime(said.moment)
