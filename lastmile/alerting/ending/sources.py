"""What events gather about people: columns and steps that rooms name when they start.

What goes is what people wrote, what was written about them, and what joins a person to a shelter or a reason: words,
names, numbers, links. What stays is the figures, and who was told and answered when, by number: evidence that protects
both sides, and says nothing to whoever may not open the person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.duties import actions as duties
from lastmile.kernel import retention

EVENT = "event"  # the class of the retention table


class Source(NamedTuple):
    """A column that belongs to events. A sealed one leaves a digest in the certificate; of others there is none: a
    digest of a few plain words lets them be guessed."""

    table: str
    column: str
    event: str  # the column that names the event
    label: str | Promise
    sealed: bool = True
    empty: str = "NULL"  # SQL of what is left

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def left(self) -> str:
        """SQL: whether the row still holds something."""
        return f"{self.column} IS NOT NULL" if self.empty == "NULL" else f"{self.column} <> {self.empty}"


class Step(NamedTuple):
    """What another room strips for a warning, by its first event's key. Returns how many values went."""

    name: str
    label: str | Promise
    do: Callable[[int], int]


_SOURCES: dict[str, Source] = {}
_STEPS: dict[str, Step] = {}


def register(*found: Source | Step) -> None:
    for one in found:
        if isinstance(one, Source):
            _SOURCES[one.name] = one
        else:
            _STEPS[one.name] = one


def sources() -> list[Source]:
    return list(_SOURCES.values())


def steps() -> list[Step]:
    return list(_STEPS.values())


def label(name: str) -> str | Promise:
    """In words, also of a column that no room has any more."""
    found: Source | Step | None = _SOURCES.get(name) or _STEPS.get(name)
    return found.label if found else name


def register_own() -> None:
    words = _("what people answered in their own words, and what staff wrote about them")
    register(
        Source("alerting_receipt", "note", "event_id", words),
        Source("alerting_siteanswer", "note", "event_id", _("what special sites wrote")),
        Source("alerting_visit", "reason", "event", _("why households stayed"), sealed=False, empty="''"),
        Step("duties_obligation.title", _("reasons and notes in calls for help and refusals"), _strip),
    )
    retention.register(
        retention.Kept(
            EVENT,
            10,
            _("What a warning gathered about people: their words, notes about them, who stayed where and why"),
            _("Emergency Response Law, articles 84–85; Personal Information Protection Law, article 19"),
            _("Destroyed; figures stay. Each warning leaves a signed certificate."),
            days=30,
            least=1,
            most=180,
        ),
        retention.Kept(
            "answers",
            20,
            _("Who was told and what they answered, by number; calls to responsible posts and their notes"),
            _("Emergency Response Law, chapter on liability: evidence of who did their duty"),
            _("Kept; it names nobody to whoever may not open the person."),
            fixed=lambda: _("as long as the warning is on file"),
        ),
        retention.Kept(
            "print",
            30,
            _("Printed sheets with open names and numbers"),
            _("Personal Information Protection Law, article 19"),
            _("The file is destroyed; paper goes back to the community."),
            fixed=lambda: _("one day"),
        ),
    )


def _strip(warning: int) -> int:
    return sum(duties.strip_words(kind, f"{warning}:") for kind in ("alerting.help", "alerting.refusal"))
