"""A frozen event and its manifests without the way there, for tests of what comes after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import Alert, AlertEvent, Manifest, Sent, State
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from tests.world import World

_numbers = count(1)

TEXT = {
    "headline": "荥阳市气象台发布暴雨红色预警信号",
    "description": "过去3小时崔庙镇降雨已达100毫米，预计未来3小时仍将持续。",
    "instruction": "立即离开河边和低洼处，往高处走。不要过桥、不要涉水。",
    "shelter": "崔庙镇中心小学",
    "contact": "0371-64660000",
    "sms": "红色预警",
    "voice": "红色预警",
    "subject": "红色预警",
}
ENGLISH = {
    **TEXT,
    "headline": "Red rainstorm warning for Xingyang",
    "description": "100 mm of rain in 3 hours; more is coming.",
    "instruction": "Leave the riverside and low ground now. Go uphill. Cross no bridge.",
    "shelter": "Cuimiao central school",
}


def make_event(
    world: World,
    *,
    place: str = "410182",
    hours: float = 6,
    state: str = State.ISSUED,
    channels: Sequence[str] = ("sms",),
    exercise: bool = False,
    after: AlertEvent | None = None,
) -> AlertEvent:
    """A red rainstorm warning of the county, issued now; `after` is the message that it updates."""
    number, now = next(_numbers), clock.now()
    alert = Alert.objects.create(
        code=f"T{number}",
        place=world.places[place],
        state=state,
        hazard=Hazard.RAINSTORM,
        colour=Colour.RED,
        headline=TEXT["headline"],
        exercise=exercise,
        replaces=after.alert if after else None,
        issuers=["荥阳市气象台"],
        instruction=TEXT["instruction"],
        channels=list(channels),
        audience={
            "places": ["410182109"],
            "polygons": [],
            "circles": [],
            "groups": ["residents", "responsible", "sites"],
        },
        author=world.officer,
        created_at=now,
        changed_at=now,
        issued_at=now,
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    frozen = {
        "identifier": f"test-{number}",
        "colour": 1,
        "hazard": "rainstorm",
        "kind": "alert",
        "issuers": ["荥阳市气象台"],
        "place": place,
        "place_name": world.places[place].name,
        "starts": now.isoformat(),
        "ends": (now + timedelta(hours=hours)).isoformat(),
        "sent": now.isoformat(),
        "status": "Exercise" if exercise else "Actual",
        "follows": [*after.frozen["follows"], after.pk] if after else [],
        "channels": list(channels),
        "texts": {"zh": TEXT, "en": ENGLISH},
        "notes": {},
        "audience": alert.audience,
    }
    return AlertEvent.objects.create(
        alert=alert,
        identifier=f"test-{number}",
        place=place,
        colour=Colour.RED,
        sent_at=now,
        expires_at=now + timedelta(hours=hours),
        frozen=frozen,
    )


def listed(
    event: AlertEvent, people: Sequence[Person], *, channel: str = "sms", state: Sent = Sent.WAITING, wave: int = 0
) -> None:
    """One manifest for each place of these people."""
    by_place: dict[str, list[int]] = defaultdict(list)
    for person in people:
        by_place[person.place_id].append(person.pk)
    for place, ids in by_place.items():
        Manifest.objects.create(
            event=event,
            place=place,
            channel=channel,
            wave=wave,
            priority=1,
            person_ids=ids,
            states=bytes([state]) * len(ids),
            due_at=None,
        )
