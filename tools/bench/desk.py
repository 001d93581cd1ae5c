"""Two officers who issue warnings by the same verbs as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lastmile.alerting import drafting
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place

CITY = "4101"
PASSWORD = "measured in the same run"  # noqa: S105  # of a database that holds nobody


class Desk:
    def __init__(self) -> None:
        self.place = Place.objects.get(code=CITY)
        self.officer = self._user("bench-officer", Role.DUTY_OFFICER)
        self.approver = self._user("bench-approver", Role.APPROVER)

    def _user(self, name: str, role: Role) -> User:
        known = User.objects.filter(username=name).first()
        return known or create_user(name, PASSWORD, name=name, role=role, place=self.place, temporary=False)

    def approved(self, colour: int, audience: dict[str, Any], *, channels: Sequence[str] = ("null",)) -> Alert:
        draft = drafting.create_draft(
            self.officer,
            self.place,
            hazard="rainstorm",
            colour=colour,
            headline="暴雨预警",
            description="未来三小时降雨量将达五十毫米以上。",
            instruction="立即离开低洼处。\n不要涉水。",
            shelter="就近学校",
            contact="0371-67180000",
            channels=list(channels),
            audience=audience,
        )
        drafting.submit(self.officer, draft)
        return drafting.approve(self.approver, draft)

    def issue(self, alert: Alert) -> AlertEvent:
        return issue(self.officer, alert)


def everybody(code: str = CITY) -> dict[str, Any]:
    return {"places": [code], "groups": ["residents", "responsible", "sites"]}
