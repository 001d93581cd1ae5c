"""What the pages' own functions say at a minute. Kept where something has changed; clocks as moments, not as words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lastmile.alerting import site_answers, target
from lastmile.alerting.audience import Audience
from lastmile.alerting.cascade import board
from lastmile.alerting.models import Alert, AlertEvent, Call, CallEntry
from lastmile.alerting.models.calls import What
from lastmile.alerting.visits import uncovered
from lastmile.community.org.models import CODE_LENGTH, Level, Place, Post
from lastmile.duties.models import Event as Step
from lastmile.duties.models import Obligation
from lastmile.duties.models import What as Did
from lastmile.kernel import clock
from lastmile.site.scenarios.plans import Plan

LEVELS = (Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)
CLIMBS = (What.CALLED, What.DEPUTY, What.SUPERIOR, What.DOOR, What.CONFIRMED)
NAMED = 12  # red sites that are named
Frame = dict[str, Any]


class Film:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.frames: list[Frame] = []
        self._posts: dict[int, str] = {}

    def before(self, alert: Alert, at: datetime) -> None:
        """What is shown beside a draft, before anything is sent: who is at risk and in no list."""
        found = target.uncovered(Audience.parse(alert.audience), alert.place_id)
        names = [name for _key, _place, name in found.first_sites]
        self._keep({"at": at.timestamp(), "draft": True, "code": alert.code, "lists": found.households,
                    "unlisted": found.sites, "names": self._first(names)})  # fmt: skip

    def shoot(self, event: AlertEvent, at: datetime) -> None:
        rows = site_answers.rows(event, event.place)
        silent = [row.site for row in rows if row.answer is None]
        missing = uncovered.find(event, event.place, 1) if event.closed_at is None else None
        self._keep({
            "at": at.timestamp(), "draft": False, "code": event.alert.code, "closed": event.closed_at is not None,
            "levels": self._levels(event), "village": self._village(event),
            "sites": len(rows), "red": len(silent), "names": self._first([site.name for site in silent]),
            "unlisted": len(missing.sites) if missing else 0, "lists": missing.households if missing else 0,
            "alone": self._alone([site.name for site in missing.sites] if missing else []),
        })  # fmt: skip

    def _first(self, names: list[str]) -> list[str]:
        """The site of the story among the first."""
        told = (self.plan["site"] or {}).get("name")
        return sorted(names, key=lambda name: name != told)[:NAMED]

    def _alone(self, names: list[str]) -> bool:
        """Whether the site of the story has nobody who answers for it."""
        return (self.plan["site"] or {}).get("name") in names

    def _keep(self, frame: Frame) -> None:
        last = {**self.frames[-1], "at": 0} if self.frames else None
        if {**frame, "at": 0} != last:
            self.frames.append(frame)

    def _levels(self, event: AlertEvent) -> list[Frame]:
        """Sums of each of the four levels, and the post that needs a person first, with its clock.

        Of the villages it is the one of the story.
        """
        counted, first = board.numbers(event, event.place), self._first_of_each(event)
        found = []
        for level in LEVELS:
            sums = counted.get(level.name.lower(), {"posts": 0, "confirmed": 0, "relayed": 0})
            call = first.get(CODE_LENGTH[level])
            found.append({"level": int(level), **sums, **(self._clock(call) if call else {})})
        return found

    def _first_of_each(self, event: AlertEvent) -> dict[int, Call]:
        """By length of the place's code, in the order of the command post."""
        first: dict[int, Call] = {}
        for call in board.ordered(board.under(event, event.place)):
            length, told = len(call.place), self.plan["village"]
            known = first.setdefault(length, call)
            if call.place == told and known.place != told:
                first[length] = call
        return first

    def _clock(self, call: Call) -> Frame:
        left, _says = board.countdown(call)
        due = None if left is None else call.confirm_due if call.silent else call.relay_due
        return {"state": call.state, "post": self._post(call.post_id), "confirm": call.silent,
                "due": due.timestamp() if due else None}  # fmt: skip

    def _village(self, event: AlertEvent) -> Frame:
        """The village of the story: its leader's call, and who was called about it by name of post, when."""
        calls = Call.objects.filter(event=event, place=self.plan["village"], post__kind=Post.Kind.LEADER)
        call = calls.order_by("pk").first()
        if call is None:
            return {}
        steps = [*self._steps(call), *self._climbed(call)]
        return {**self._clock(call), "steps": sorted(steps, key=lambda step: step["at"])}

    def _steps(self, call: Call) -> list[Frame]:
        """From the evidence: each rung once, the earlier messages of the same warning included."""
        chain = Call.objects.filter(root=call.root, post=call.post_id)
        seen: dict[str, Frame] = {}
        for entry in CallEntry.objects.filter(call__in=chain, what__in=CLIMBS).order_by("at", "pk"):
            about = self._post(call.superior_post) if entry.what == What.SUPERIOR else self._post(call.post_id)
            seen.setdefault(entry.what, {"at": entry.at.timestamp(), "what": entry.what, "post": about})
        return list(seen.values())

    def _climbed(self, call: Call) -> list[Frame]:
        """What is owed at the door climbs on in the to-do: which posts it has come to."""
        owed = Obligation.objects.filter(kind="alerting.call_door", key=f"{call.root}:{call.post_id}").first()
        if owed is None:
            return []
        steps = Step.objects.filter(obligation=owed, what=Did.SUPERIOR, at__lte=clock.now()).order_by("pk")
        moments = steps.values_list("at", flat=True)
        return [{"at": at.timestamp(), "what": "owed", "post": self._post(post)}
                for at, post in zip(moments, owed.climbed, strict=False)]  # fmt: skip

    def _post(self, pk: int | None) -> str:
        """Place and title of a post; people are not named."""
        if pk is None:
            return ""
        if pk not in self._posts:
            post = Post.objects.get(pk=pk)
            self._posts[pk] = f"{Place.objects.get(pk=post.place_id).name} {post.title}"
        return self._posts[pk]
