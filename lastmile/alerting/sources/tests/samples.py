"""Messages of an invented observatory, and sources that take them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from lastmile.alerting.cap import keys
from lastmile.alerting.cap.model import Alert, Area, Info, Pair
from lastmile.alerting.cap.signature import sign
from lastmile.alerting.cap.values import stamp
from lastmile.alerting.cap.write import emit
from lastmile.alerting.models import Source
from lastmile.community.org.models import Place
from lastmile.kernel import clock

SENDER = "zhengzhou@weather.example.cn"
COUNTY, VILLAGE = "410182", "410182109211"


@lru_cache(maxsize=1)
def pem() -> str:
    """The observatory's key and certificate."""
    return keys.self_signed(SENDER)


def certificate() -> str:
    return pem()[pem().index("-----BEGIN CERTIFICATE") :]


def time(minutes: int = 0, at: datetime | None = None) -> str:
    return stamp(((at or clock.now()) + timedelta(minutes=minutes)).astimezone(clock.BEIJING))


def refer(*messages: Alert) -> str:
    return " ".join(f"{one.sender},{one.identifier},{one.sent}" for one in messages)


def alert(number: int, kind: str = "Alert", *before: Alert, minutes: int = 0, **changes: Any) -> Alert:
    """A red rainstorm for the village; `before` are the messages it refers to."""
    info = Info(
        language="zh-CN",
        category=("Met",),
        event="暴雨",
        urgency="Immediate",
        severity="Extreme",
        certainty="Likely",
        expires=changes.pop("expires", time(minutes + 360)),
        senderName="郑州市气象台",
        headline=changes.pop("headline", f"郑州市气象台发布暴雨红色预警信号{number}"),
        description="3 小时内降雨量将达 100 毫米以上，沟河可能在几分钟内涨水。",
        instruction="立即离开河沟，到高处集合。\n不要回家取东西。",
        responseType=("AllClear",) if changes.pop("over", False) else (),
        area=changes.pop("area", (Area(areaDesc="王宗店村", geocode=(code(VILLAGE),)),)),
        **changes.pop("info", {}),
    )
    fields: dict[str, Any] = {
        "identifier": f"41018241600000_{number}",
        "sender": SENDER,
        "sent": time(minutes),
        "status": "Actual",
        "msgType": kind,
        "scope": "Public",
        "references": refer(*before) or None,
        "note": "雨势变化" if kind != "Alert" else None,
        "info": (info,),
    }
    return Alert(**(fields | changes))


def code(value: str) -> Pair:
    return Pair(valueName="CPEAS Geographic Code", value=value.ljust(12, "0"))


def xml(message: Alert, *, signed: bool = True) -> bytes:
    written = emit(message)
    return sign(written, pem()) if signed else written


def source(kind: str = "push", *, place: str = COUNTY, **fields: Any) -> Source:
    now = clock.now()
    given: dict[str, Any] = {"name": "郑州市气象台", "anchors": certificate(), "due_at": now}
    given |= {"created_at": now, "changed_at": now, "place": Place.objects.get(pk=place)}
    return Source.objects.create(kind=kind, **(given | fields))
