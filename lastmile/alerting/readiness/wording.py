"""What a test says: that it is one, that nothing has happened, and how to answer with one digit."""

from __future__ import annotations

from lastmile.alerting.models.frozen import FrozenText
from lastmile.alerting.texts import LINK

MARK = "【通讯测试】"


def texts(place: str) -> dict[str, FrozenText]:
    chinese = "这是测试，没有险情，不用采取任何行动"
    english = "This is a test. Nothing has happened and there is nothing to do"
    return {
        "zh": FrozenText(
            headline=f"{MARK}{place}测试能不能联系到您",
            description="用来确认发生险情时预警能送到您手里。",
            instruction=f"{chinese}。收到请回复或点一下“知道了”。",
            shelter="",
            contact="",
            sms=f"{MARK}{chinese}。{place}在核对联系方式，收到请回1，或点{LINK}",
            voice=f"{chinese}。这是{place}的通讯测试，收到请按1。{chinese}。",
            subject=f"{MARK}{place}测试能不能联系到您",
        ),
        "en": FrozenText(
            headline=f"[TEST] {place} checks whether you can be reached",
            description="So that a warning finds you when something does happen.",
            instruction=f"{english}. Please answer once.",
            shelter="",
            contact="",
            sms=f"[TEST] {english}. {place} checks contacts: reply 1, or open {LINK}",
            voice=f"{english}. {place} checks contacts: press 1.",
            subject=f"[TEST] {place} checks whether you can be reached",
        ),
    }
