"""What people type about cells and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lastmile.community.cells.actions.helping import RECORDED
from lastmile.community.cells.models import How
from lastmile.community.people.models import Person
from lastmile.kernel.forms import Styled


def offered(persons: Sequence[Any]) -> list[tuple[int, str]]:
    """Door and masked name; who can't be reached says so, and comes last."""
    return [(person.pk, _label(person)) for person in persons]


def _label(person: Any) -> str:
    door = person.household.number if person.household else ""
    shown = f"{door} · {person.name.masked()} #{person.pk}"
    return shown if person.reachable else f"{shown} · {_now('no contact')}"


def _number(value: Any) -> int:
    return int(value)


class ConsentForm(Styled):
    """How and when they agreed; asked with whom it is about."""

    how = forms.ChoiceField(
        label=_("How they agreed"), choices=[(how.value, how.label) for how in RECORDED], initial=How.TALK
    )
    on = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: today."),
    )


class HelperForm(ConsentForm):
    person = forms.TypedChoiceField(label=_("Who has agreed"), coerce=_number)
    field_order = ("person", "how", "on")

    def __init__(self, *args: Any, persons: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", offered(persons))


class DoorForm(Styled):
    number = forms.CharField(label=_("Door number"), max_length=40)


class PairForm(ConsentForm):
    first = forms.TypedChoiceField(label=_("First neighbour"), coerce=_number)
    second = forms.TypedChoiceField(label=_("Second neighbour"), coerce=_number)
    field_order = ("first", "second", "how", "on")

    def __init__(self, *args: Any, persons: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.offer(name, offered(persons))


class NextForm(Styled):
    """On the radar, who it is stands beside: how they agreed is asked all the same."""

    how = forms.ChoiceField(
        label=_("How they agreed"), choices=[(how.value, how.label) for how in RECORDED], initial=How.TALK
    )


def numbers(data: Any) -> tuple[dict[int, int], list[str]]:
    """({household: number}, what was typed and is no number) of the page on which doors get the numbers of cells."""
    found, wrong = {}, []
    for name, typed in data.items():
        home, value = name.removeprefix("door-"), str(typed).strip()
        if name == home or not home.isdecimal() or len(home) > 9 or not value:
            continue
        if value.isdecimal() and len(value) < 5:
            found[int(home)] = int(value)
        else:
            wrong.append(value[:20])
    return found, wrong
