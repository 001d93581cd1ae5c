"""Play a timeline on the engine, as an exercise, under a clock that is forwarded to the minutes of the real event."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from lastmile.alerting import close, coverage, drafting, issue, site_answers
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.dispatch import Dispatcher
from lastmile.alerting.models import Alert, AlertEvent, Call, Fact, Kind, Manifest, SiteAnswer
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.visits import rounds
from lastmile.community.org.models import Place
from lastmile.duties import escalation
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.site.models import ScenarioRun
from lastmile.site.scenarios import cast, frames
from lastmile.site.scenarios.plans import Plan, moment

CHANNEL = "fake"  # telephones that live inside the process: nobody real is ever told
DENSE, LATER = range(21), (25, 30, 35, 40, 45, 60, 75, 90, 120)  # minutes after the first signal that are played
AFTER_UPDATE = (0, 1, 5, 10, 15)
BATCHES = 1500  # looks at the dispatcher, 20 ms apart


def play(plan: Plan) -> ScenarioRun:
    """Leave the finished event and what was shown. A second call finds it and plays nothing."""
    found = ScenarioRun.objects.filter(name=plan.name).first()
    if found is not None:
        return found
    if CHANNEL not in settings.CHANNELS:
        raise Refusal(_("A scenario is played on invented phones alone."), _("Use: lastmile scenario play NAME"))
    with clock.frozen(min(clock.now(), plan.start - timedelta(days=1))):
        desk = cast.assemble(plan)
    with clock.frozen(plan.start):
        return Stage(plan, desk).run()


class Stage:
    """One performance."""

    def __init__(self, plan: Plan, desk: cast.Desk) -> None:
        self.plan, self.desk = plan, desk
        self.signals = {moment(one["at"]): one for one in plan["signals"]}
        self.answers = {moment(one["at"]): one for one in plan["answers"]}
        self.shown = {*self.signals, *self.answers, *(moment(one["at"]) for one in plan["real"])}
        self.film = frames.Film(plan)
        self.alert: Alert | None = None
        self.event: AlertEvent | None = None

    def run(self) -> ScenarioRun:
        for at in self.minutes():
            clock.forward(seconds=(at - clock.now()).total_seconds())
            self.minute(at)
        event = self.end()
        made = ScenarioRun.objects.create(
            name=self.plan.name, event=event, frames=self.film.frames, played_at=self.plan.finish
        )
        audit.record("site.scenario", place=event.place, obj=made, scenario=self.plan.name)
        return made

    def minutes(self) -> list[datetime]:
        """Every minute at which something is due, in order."""
        first, *others = sorted(self.signals)
        found = {first - timedelta(minutes=1), *self.signals, *self.answers}
        found |= {first + timedelta(minutes=count) for count in (*DENSE, *LATER)}
        found |= {at + timedelta(minutes=count) for at in others for count in AFTER_UPDATE}
        real = (moment(one["at"]) for one in self.plan["real"])
        found |= {at for at in real if self.plan.start < at < self.plan.finish}
        return sorted(found)

    def minute(self, at: datetime) -> None:
        first = min(self.signals)
        if at < first:
            self.alert = self.draft(self.signals[first])
            self.film.before(self.alert, at)
            return
        if at in self.signals:
            self.send(at)
        if at in self.answers:
            self.answer(self.answers[at])
        if (self.work() or at in self.shown) and self.event is not None:
            self.film.shoot(self.event, at)

    def draft(self, signal: dict[str, Any]) -> Alert:
        place = Place.objects.get(pk=self.plan["issuer"])
        audience = {"places": self.plan["audience"], "groups": ["residents", "responsible", "sites"]}
        return drafting.create_draft(
            self.desk.officer, place, hazard="rainstorm", colour=1, exercise=True, audience=audience,
            headline=signal["headline"], description=signal["description"], instruction=signal["instruction"],
            issuers=[signal["issuer"]], channels=[CHANNEL], ends_at=self.plan.finish, english={},
            contact="119", shelter="村（社区）安排的高处",
        )  # fmt: skip

    def send(self, at: datetime) -> None:
        """The first signal is the draft that lies ready; a later one updates it. Two people, as always."""
        signal, draft = self.signals[at], self.alert
        if self.event is not None:
            draft = drafting.follow_up(self.desk.officer, self.event.alert, Kind.UPDATE, reason=signal["headline"])
            words = {name: signal[name] for name in ("headline", "description")}
            draft = drafting.save(self.desk.officer, draft, ends_at=self.plan.finish, **words)
        if draft is None:
            raise LookupError(f"{self.plan.name}: a signal goes out before it is drafted")
        drafting.approve(self.desk.approver, drafting.submit(self.desk.officer, draft))
        self.event = issue.issue(self.desk.officer, Alert.objects.get(pk=draft.pk))
        hand_over(self.event)

    def answer(self, given: dict[str, Any]) -> None:
        """Those who are on record, or assumed, to have answered. The silent village and the site in no list are not."""
        event = self._issued()
        if given.get("sites"):
            self._sites(event)
            return
        calls = Call.objects.filter(event=event, place__startswith=given["under"], person__isnull=False)
        if not given["under"]:
            calls = calls.exclude(place__startswith=self.plan["village"])
        append(list(self._receipts(event, calls.values_list("person", flat=True), given)))

    def _receipts(self, event: AlertEvent, persons: Any, given: dict[str, Any]) -> Iterator[NewReceipt]:
        staff = bool(given.get("staff"))
        by = self.desk.officer.pk if staff else None
        for person in sorted(set(persons)):
            key = f"scenario:{self.plan.name}:{event.pk}:{person}"
            way = "staff" if staff else "link"
            yield NewReceipt(key, event.pk, person, Fact.CONFIRMED, way, clock.now(), by=by)

    def _sites(self, event: AlertEvent) -> None:
        told = self.plan["site"] or {"name": ""}
        for row in site_answers.rows(event, event.place):
            if row.site.name == told["name"] or row.site.place_id.startswith(self.plan["village"]):
                continue
            key = f"scenario:{self.plan.name}:{row.site.pk}"
            state = SiteAnswer.State.SAFE
            site_answers.answer(event, row.site, site_answers.Said(key, state, row.site.capacity or 0, "link"))

    def work(self) -> int:
        """What the workers do every few seconds. How much moved."""
        return sum(do() for do in (coverage.fold, tick.relay, tick.run, calling.run, rounds.tick, escalation.run))

    def end(self) -> AlertEvent:
        """The exercise ends with its time: nobody owes anything for it afterwards."""
        event = self._issued()
        clock.forward(seconds=(self.plan.finish - clock.now()).total_seconds() + 1)
        close.expire()
        self.work()
        event.refresh_from_db()
        self.film.shoot(event, self.plan.finish)
        return event

    def _issued(self) -> AlertEvent:
        if self.event is None:
            raise LookupError(f"{self.plan.name}: somebody answers, or it ends, before a signal goes out")
        return self.event


def hand_over(event: AlertEvent) -> None:
    """Until every batch of it that is due has been handed to the invented phones."""

    async def go() -> None:
        dispatcher = Dispatcher("scenario", [registry.channel(CHANNEL)])
        running = asyncio.create_task(dispatcher.run())
        for _turn in range(BATCHES):
            await asyncio.sleep(0.02)
            if await asyncio.to_thread(_nothing_due, event.pk):
                break
        dispatcher.stop()
        await running

    asyncio.run(go())


def _nothing_due(event: int) -> bool:
    """Asked in a thread, whose connection must not stay. Other warnings may wait for channels that are not here."""
    try:
        waiting = Q(due_at__lte=clock.now()) | Q(lease_until__isnull=False)
        return not Manifest.objects.filter(waiting, event=event).exists()
    finally:
        connection.close()
