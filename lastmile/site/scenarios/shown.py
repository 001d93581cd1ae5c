"""Both columns of a scenario, side by side: what really happened, and what the system showed at that minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lastmile.alerting.cascade.board import COLOUR, clock_face
from lastmile.alerting.models import CallState
from lastmile.alerting.queries import visible
from lastmile.community.org.models import Level
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor
from lastmile.site.models import ScenarioRun
from lastmile.site.scenarios.plans import Plan, moment, plan, plans, worded

SURE: dict[str, str | Promise] = {
    "read": pgettext_lazy("how sure a fact is", "read in the source"),
    "recalled": pgettext_lazy("how sure a fact is", "from memory, not checked"),
}
STEPS: dict[str, str | Promise] = {
    "called": gettext_lazy("Called: %(post)s"),
    "deputy": gettext_lazy("No answer: the deputy of %(post)s is called"),
    "superior": gettext_lazy("%(post)s is called about the silence, by name"),
    "door": gettext_lazy("Still silent: somebody must go there"),
    "owed": gettext_lazy("Nobody has gone: it has climbed to %(post)s"),
    "confirmed": gettext_lazy("Confirmed: %(post)s"),
}


@dataclass(frozen=True)
class Fact:
    at: datetime
    day: bool  # the day is known, not the time
    about: bool  # the time is not exact
    says: str
    source: str
    sure: str | Promise


@dataclass(frozen=True)
class Clock:
    """Of one level. `left` are the seconds at this minute; the browser counts on from `due`."""

    label: str
    posts: int
    confirmed: int
    post: str
    state: str
    colour: str
    due: float | None
    left: int | None
    confirm: bool

    @property
    def words(self) -> str:
        if self.left is None:
            return ""
        return self.pattern % {"time": clock_face(abs(self.left))}

    @property
    def pattern(self) -> str:
        return self.ahead if (self.left or 0) >= 0 else self.over

    @property
    def ahead(self) -> str:
        return _("%(time)s left to confirm") if self.confirm else _("%(time)s left to pass on")

    @property
    def over(self) -> str:
        return _("%(time)s overdue") if self.confirm else _("%(time)s overdue to pass on")


@dataclass
class Stop:
    """One moment: what happened then, and what stood on the pages."""

    at: datetime
    minute: int  # from the beginning
    facts: list[Fact] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    frame: dict[str, Any] = field(default_factory=dict)
    clocks: list[Clock] = field(default_factory=list)
    steps: list[tuple[datetime, str]] = field(default_factory=list)
    village: tuple[str, str] = ("", "")  # state and its colour
    home_red: bool = False


def runs(actor: Actor) -> list[tuple[Plan, ScenarioRun | None]]:
    """Every scenario, with its performance where the reader may see the warning."""
    made = ScenarioRun.objects.filter(event__alert__in=visible(actor)).select_related("event__alert")
    found = {run.name: run for run in made}
    return [(one, found.get(one.name)) for one in plans()]


def run(actor: Actor, name: str) -> tuple[Plan, ScenarioRun]:
    """Raises NotFound for one that was not played, or lies outside the reader's area."""
    wanted = plan(name)
    found = {one.name: made for one, made in runs(actor)}[name]
    if found is None:
        says = _("This scenario was not played here, or it lies outside your area.")
        raise NotFound(says, _("Go back to the list."))
    return wanted, found


def facts(plan: Plan) -> list[Fact]:
    return [
        Fact(
            at=moment(one["at"]),
            day="T" not in one["at"],
            about=bool(one.get("about")),
            says=worded(one),
            source=one["source"],
            sure=SURE[one["sure"]],
        )
        for one in plan["real"]
    ]


def stops(plan: Plan, run: ScenarioRun) -> list[Stop]:
    """Every moment of the real event and every change on the pages, in order."""
    told = [fact for fact in facts(plan) if fact.at >= plan.start]
    assumed = {moment(one["at"]): worded(one["why"]) for one in plan["answers"]}
    frames = {datetime.fromtimestamp(frame["at"], UTC): frame for frame in run.frames}
    found: list[Stop] = []
    last: dict[str, Any] = {}
    for at in sorted({*(fact.at for fact in told), *assumed, *frames}):
        last = frames.get(at, last)
        stop = Stop(at, round((at - plan.start).total_seconds() / 60), frame=last)
        stop.facts = [fact for fact in told if fact.at == at]
        stop.assumed = [assumed[at]] if at in assumed else []
        found.append(_filled(plan, stop))
    return found


def _filled(plan: Plan, stop: Stop) -> Stop:
    frame, home = stop.frame, plan["site"] or {}
    stop.home_red = home.get("name") in frame.get("names", [])
    stop.clocks = [_clock(level, stop.at) for level in frame.get("levels", [])]
    village = frame.get("village") or {}
    if village:
        stop.village = str(CallState(village["state"]).label), COLOUR[CallState(village["state"])]
    stop.steps = [
        (datetime.fromtimestamp(step["at"], UTC), str(STEPS[step["what"]]) % {"post": step["post"]})
        for step in village.get("steps", [])
    ]
    return stop


def _clock(level: dict[str, Any], at: datetime) -> Clock:
    state, due = level.get("state"), level.get("due")
    return Clock(
        label=str(Level(level["level"]).label),
        posts=level["posts"],
        confirmed=level["confirmed"],
        post=level.get("post", ""),
        state=str(CallState(state).label) if state else "",
        colour=COLOUR[CallState(state)] if state else "secondary",
        due=due,
        left=round(due - at.timestamp()) if due else None,
        confirm=level.get("confirm", True),
    )
