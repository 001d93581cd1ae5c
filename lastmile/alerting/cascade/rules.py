"""How silence climbs: the rules of one rung of a ladder, the ones that ship, and what is frozen into a warning.

A place's own rules (models.Ladder) win over those of the places above it, and what is more exact over what is general.
Times are seconds. `steps` says which channels an attempt takes, side by side; the last stands for all that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Ladder
from lastmile.alerting.models.calls import EVERY
from lastmile.community.org.models import CODE_LENGTH, Level, Post, ancestors
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

LEVELS = (Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE, Level.GRID)
MINUTE = 60
MOST_ATTEMPTS = 6
SHORTEST, LONGEST = 10, 24 * 60 * MINUTE  # seconds


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`confirm` is the time of each rung: holder, deputy, superior. `relay` 0: passing on is not asked."""

    called: bool = True  # whether posts of this level are called at issue; a township may start it later
    kinds: tuple[str, ...] = ()  # of posts; empty: every post that must answer
    steps: tuple[tuple[str, ...], ...] = ()
    attempts: int = 3
    interval: int = 100
    confirm: int = 5 * MINUTE
    relay: int = 15 * MINUTE
    again: int = 10 * MINUTE  # after a confirmation that nothing followed
    share: int = 80  # percent of the posts or households below: so many told, and it has been passed on
    deputy: bool = True
    superior: bool = True
    door: bool = True
    wake: bool = True  # also in the quiet hours
    quiet: tuple[str, str] = ("22:00", "07:00")

    @property
    def minutes(self) -> int:
        """Of each rung, for people to read."""
        return round(self.confirm / MINUTE)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Rules:
        """From JSON; what is not known any more is left out, what is missing takes the default."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        for name in ("kinds", "quiet"):
            if name in known:
                known[name] = tuple(known[name])
        if "steps" in known:
            known["steps"] = tuple(tuple(step) for step in known["steps"])
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def check(self) -> None:
        """Raises Refusal, whose sentence names the first thing that is wrong."""
        times = (self.interval, self.confirm, self.again)
        if not all(SHORTEST <= seconds <= LONGEST for seconds in times) or not 0 <= self.relay <= LONGEST:
            raise Refusal(_("A time of the ladder can't be used."), _("Give between 10 seconds and 24 hours."))
        if not 1 <= self.share <= 100:
            raise Refusal(
                _("The share that counts as passed on can't be used."),
                _("Give between 1 and 100 percent."),
                fields={"share": _("Between 1 and 100.")},
            )
        if not 1 <= self.attempts <= MOST_ATTEMPTS:
            raise Refusal(_("There must be 1 to %(most)d attempts.") % {"most": MOST_ATTEMPTS})
        if (self.attempts - 1) * self.interval > self.confirm:
            raise Refusal(
                _("So many attempts do not fit into the time to confirm."),
                _("Take fewer attempts, a shorter pause between them, or more time."),
                fields={"interval": _("Too long for so many attempts.")},
            )
        if unknown := [name for name in self.kinds if name not in Post.Kind.values]:
            raise Refusal(_("There is no kind of post “%(name)s”.") % {"name": unknown[0][:40]})
        if unknown := [name for step in self.steps for name in step if name not in registry.MAKERS]:
            raise Refusal(_("There is no channel “%(name)s”.") % {"name": unknown[0][:40]})
        if any(not _is_time(text) for text in self.quiet):
            raise Refusal(
                _("The quiet hours can't be read."),
                _("Write them like 22:00 and 07:00."),
                fields={"quiet_from": _("Write it like 22:00.")},
            )


def _is_time(text: str) -> bool:
    hours, mark, minutes = text.partition(":")
    whole = mark and hours.isdecimal() and minutes.isdecimal() and len(hours) == len(minutes) == 2
    return bool(whole) and int(hours) < 24 and int(minutes) < 60


def shipped(colour: int, level: int) -> Rules:
    """What holds where no place has rules of its own: 5 minutes to answer, three attempts, then deputy, superior by
    name, door. Blue and yellow keep the quiet hours; blue does not call the grids.
    """
    if colour in (Colour.RED, Colour.ORANGE):
        return Rules()
    if colour == Colour.YELLOW:
        return Rules(confirm=10 * MINUTE, interval=200, relay=30 * MINUTE, again=20 * MINUTE, wake=False)
    return Rules(
        called=level != Level.GRID,
        attempts=2,
        interval=450,
        confirm=15 * MINUTE,
        relay=60 * MINUTE,
        again=30 * MINUTE,
        door=False,
        wake=False,
    )


def held_until(rules: Rules, now: datetime) -> datetime | None:
    """The end of the quiet hours where these rules keep them and it is that time; as sql/due.sql has it."""
    local = now.astimezone(clock.BEIJING)
    begins, ends = (time.fromisoformat(text) for text in rules.quiet)
    at = local.time()
    inside = at >= begins or at < ends if begins > ends else begins <= at < ends
    if rules.wake or not inside:
        return None
    day = clock.day_of(now) + timedelta(days=1 if at >= ends else 0)
    return datetime.combine(day, ends, clock.BEIJING)


def find(places: Iterable[str], hazard: str, colour: int) -> list[Ladder]:
    """Every written rule that could hold for these places, this hazard and this colour."""
    exact = Q(hazard__in=["", hazard], colour__in=[EVERY, colour])
    return list(Ladder.objects.filter(exact, place_id__in=list(places)))


def nearest(ladders: Sequence[Ladder], place: str, colour: int, level: int) -> tuple[Rules, Ladder | None]:
    """The rules that hold at a place: of the nearest one, the most exact; those that ship where there are none."""
    fit = [one for one in ladders if place.startswith(one.place_id) and one.level in (EVERY, level)]
    best = max(fit, key=_exactness, default=None)
    return (Rules.read(best.rules), best) if best else (shipped(colour, level), None)


def _exactness(ladder: Ladder) -> tuple[int, bool, bool, bool]:
    return len(ladder.place_id), bool(ladder.hazard), ladder.colour != EVERY, ladder.level != EVERY


def freeze(place: str, hazard: str, colour: int) -> list[dict[str, Any]]:
    """The ladders of a warning issued at a place, as JSON that needs nothing else: for every level the one of each
    place that has its own, the shipped ones under the place "". `ways` says which contact each channel takes.
    """
    above = [*ancestors(place), place]
    own = Ladder.objects.filter(Q(place_id__in=above) | Q(place__code__startswith=place)).values_list(
        "place_id", flat=True
    )
    ladders = find(set(own), hazard, colour)
    frozen = []
    for spot in sorted({"", *(one.place_id for one in ladders)}):
        for level in LEVELS:
            if len(spot) <= CODE_LENGTH[level]:
                rules, source = nearest(ladders, spot, colour, level)
                entry = rules.as_json() | in_service(rules)
                frozen.append({"place": spot, "length": CODE_LENGTH[level], "own": source is not None, **entry})
    return frozen


def in_service(rules: Rules) -> dict[str, Any]:
    """The steps with the channels there are here, and the contact each needs. Written rules without a usable channel,
    and those that ship, take what is in service: telephone calls first, at once with the others.
    """
    usable = registry.addressed()
    steps = [[name for name in step if name in usable] for step in rules.steps]
    steps = [step for step in steps if step] or default_steps(usable)
    ways = {name: registry.capabilities(name).contact for step in steps for name in step}
    return {"steps": steps, "ways": ways}


def default_steps(usable: Sequence[str]) -> list[list[str]]:
    """Telephone and the first channel of writing, then the telephone alone or the next channel, then everything."""
    rings = [name for name in usable if registry.capabilities(name).lines]
    written = [name for name in usable if name not in rings]
    steps = [[*rings, *written[:1]], rings or written[1:2] or written[:1], [*rings, *written]]
    return [step for step in steps if step]
