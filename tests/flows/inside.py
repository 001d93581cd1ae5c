"""What a deployment does inside its own process (house.py): set up, pair, warn, answer, and what its workers do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from lastmile.alerting import coverage, drafting, reported
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.deployments import pairing, sending, writing
from lastmile.alerting.issue import issue
from lastmile.alerting.models import AlertEvent, Deployment, DeploymentReceipt, Fact, ReportedCall, ReportedTally
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.sources import polling, rules
from lastmile.alerting.tests.conftest import CONTENT
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from tests.world import PASSWORD, World

CITY, COUNTY = "4101", "410182"
HOLDS = timedelta(hours=12)


class Inside:
    def settle(self, *, url: str, people: bool) -> None:
        settings.PUBLIC_URL = url
        self.world = World.build(people=people)
        place = self.world.places[CITY]
        boss = create_user("boss", PASSWORD, name="市值班领导", role=Role.APPROVER, place=place, temporary=False)
        self.world.users["boss"] = boss

    def now(self, *, at: str) -> None:
        clock.forward(seconds=(datetime.fromisoformat(at) - clock.now()).total_seconds())

    def invite(self) -> str:
        return pairing.invite(self.world.system, self.world.places[COUNTY], name="荥阳市")[1]

    def join(self, *, url: str, code: str) -> None:
        pairing.join(self.world.system, self.world.places[COUNTY], url=url, code=code, name="郑州市")
        sending.tick()

    def trust(self) -> None:
        """The county lets red rainstorms of the city go out by themselves."""
        source = Deployment.objects.get().sources.get()
        rule = rules.propose(self.world.officer, source, colour=1, hazard="rainstorm", action="issue")
        rules.confirm(self.world.approver, rule)

    def warn(self, *, reason: str = "", **changes: Any) -> str:
        """The city issues, or updates what it has issued; the code of it."""
        city, boss = self.world.city, self.world.users["boss"]
        before = AlertEvent.objects.order_by("pk").last()
        if changes.get("kind") != "lift":
            changes |= {"starts_at": clock.now(), "ends_at": clock.now() + HOLDS}
        if before is None:
            content = {**CONTENT, "channels": ["web"], "issuers": ["郑州市气象台"], **changes}
            place = Place.objects.get(pk=CITY)
            draft = drafting.create_draft(city, place, hazard="rainstorm", colour=1, **content)
        else:
            draft = drafting.follow_up(city, before.alert, changes.pop("kind", "update"), reason=reason)
            draft = drafting.save(city, draft, **changes) if changes else draft
        approved = drafting.approve(boss, drafting.submit(city, draft))
        return issue(city, approved).alert.code

    def work(self, *, seconds: float = 10) -> None:
        """So much later, one round of what the workers do."""
        clock.forward(seconds=seconds)
        polling.tick()
        rules.run()
        for duty in (tick.relay, tick.run, calling.run):
            duty()
        while coverage.fold():
            pass
        writing.tick()
        sending.tick()

    def issued(self) -> list[str]:
        return list(AlertEvent.objects.order_by("pk").values_list("alert__kind", flat=True))

    def answers(self, *, number: int, fact: int = int(Fact.CONFIRMED)) -> None:
        self._receipt(self.world.residents[number].pk, fact)

    def confirms(self, *, place: str) -> None:
        """Whoever is in charge there."""
        self._receipt(self.world.staff[place].pk, int(Fact.CONFIRMED))

    def _receipt(self, person: int, fact: int) -> None:
        event = AlertEvent.objects.latest("pk").pk
        append([NewReceipt(f"{event}:{person}:{fact}", event, person, Fact(fact), "link", clock.now())])

    def own(self) -> dict[str, Any]:
        """Our own sums of the last warning."""
        found = coverage.of(AlertEvent.objects.latest("pk"), COUNTY)
        return {"people": found.all.as_dict(), "doors": found.doors.as_dict()}

    def reports(self) -> dict[str, Any]:
        """What is reported to us about the last warning, and how the link is."""
        event = AlertEvent.objects.latest("pk")
        [one] = reported.of(event, CITY)
        return {
            "people": one.all.as_dict(),
            "doors": one.doors.as_dict(),
            "posts": vars(one.posts),
            "light": one.health.light,
            "silent": one.silent,
        }

    def page(self, *, code: str) -> str:
        client = Client()
        client.force_login(self.world.city)
        return client.get(reverse("answers:coverage", args=[code])).content.decode().replace("\xa0", " ")

    def said(self) -> dict[str, Any]:
        """Everything that was said on the link, to be compared with the other side's."""
        tallies = ReportedTally.objects.order_by("message", "place", "vulnerable")
        calls = ReportedCall.objects.order_by("message", "place", "key")
        figures = [one.name for one in ReportedTally._meta.fields if one.name not in ("id", "link", "number")]
        return {
            "tallies": [list(row) for row in tallies.values_list(*figures)],
            "calls": [list(row) for row in calls.values_list("message", "key", "place", "title", "state")],
            "receipts": list(DeploymentReceipt.objects.order_by("number").values_list("number", "text")),
        }

    def link(self) -> dict[str, Any]:
        one = Deployment.objects.get()
        names = ("state", "number", "have", "failures", "waiting")
        return {name: getattr(one, name) for name in names} | {"light": reported.health(one).light}
