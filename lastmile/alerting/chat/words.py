"""What a card says beside the words of its warning, in the language of its group.

The word 预警 stands in each of them, in English too, for robots that take only what holds an agreed word: an all-clear
must not be lost by its wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lastmile.alerting.codes import COLOUR_NAME, Colour


@dataclass(frozen=True)
class Words:
    shelter: str
    area: str
    colour: str
    until: str
    issued: str
    colours: Mapping[int, str]
    and_: str  # between issuers
    moment: str
    confirm: str
    more: str
    all: str
    foot: str
    aside: str
    exercise: str
    many: str
    test: str
    nothing: str
    sent: str
    site: str


ZH: Final = Words(
    shelter="去哪里",
    area="范围",
    colour="级别",
    until="有效至",
    issued="发布",
    colours={1: "红色", 2: "橙色", 3: "黄色", 4: "蓝色"},
    and_="、",
    moment="%m月%d日 %H:%M",
    confirm="查看并确认",
    more="查看详情",
    all="查看全部",
    foot="预警信息。本消息不代表有人已读，请转告身边人。",
    aside="预警信息。点开后请以本人身份登录确认，群内消息不能代人确认。",
    exercise="【演练】",
    many="{n} 条预警信息",
    test="【测试】预警群消息",
    nothing="这是一条测试，没有险情，不用做什么。",
    sent="发送时间",
    site="公众预警页面",
)
EN: Final = Words(
    shelter="Where to go",
    area="Area",
    colour="Level",
    until="in force until",
    issued="Issued by",
    colours={colour: COLOUR_NAME[Colour(colour)][1] for colour in range(1, 5)},
    and_=", ",
    moment="%Y-%m-%d %H:%M",
    confirm="Read and confirm",
    more="Read more",
    all="See all",
    foot="预警 Warning. Nobody is known to have read this: please tell those around you.",
    aside="预警 Warning. Log in as yourself to confirm; nothing in this group confirms for anybody.",
    exercise="EXERCISE – ",
    many="{n} warnings",
    test="[TEST] Warnings in this group",
    nothing="This is a test. Nothing has happened and there is nothing to do.",
    sent="Sent",
    site="Public page of warnings",
)


def of(language: str) -> Words:
    return EN if language == "en" else ZH
