"""What people type to write a checklist; the recurrence is put together from fields nobody has to learn."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post
from lastmile.duties import hazards
from lastmile.duties.models.checklist import Checklist
from lastmile.duties.models.obligation import Danger
from lastmile.kernel.forms import Styled

EVERY = [
    ("DAILY", _("every day")),
    ("WEEKLY", _("every week")),
    ("MONTHLY", _("every month")),
    ("YEARLY", _("every year")),
]
DAYS = [
    ("MO", _("Monday")), ("TU", _("Tuesday")), ("WE", _("Wednesday")), ("TH", _("Thursday")),
    ("FR", _("Friday")), ("SA", _("Saturday")), ("SU", _("Sunday")),
]  # fmt: skip
COLOURS = [(1, _("red only")), (2, _("orange and red")), (3, _("yellow and higher")), (4, _("every colour"))]


class ChecklistForm(Styled):
    # shown only for their trigger
    CALENDAR = ("every", "interval", "day", "months", "first_day", "until", "on_holiday")
    WARNING = ("colour", "hazards")

    name = forms.CharField(label=_("Name"), max_length=100)
    items = forms.CharField(
        label=_("What to look at"), widget=forms.Textarea(attrs={"rows": 8}), max_length=7000,
        help_text=_("One thing in each line, at most 30."),
    )  # fmt: skip
    level = forms.TypedChoiceField(label=_("For posts at"), choices=Level.choices, coerce=int)
    kind = forms.ChoiceField(label=_("Kind of post"), choices=Post.Kind.choices)
    trigger = forms.ChoiceField(label=_("When it comes round"), choices=Checklist.Trigger.choices)
    every = forms.ChoiceField(label=_("How often (by the calendar)"), choices=EVERY, required=False)
    interval = forms.IntegerField(
        label=_("Interval (2: every second time)"), min_value=1, max_value=999, required=False
    )
    day = forms.ChoiceField(label=_("Weekday"), choices=[("", "—"), *DAYS], required=False)
    months = forms.CharField(
        label=_("Only in these months"),
        max_length=40,
        required=False,
        help_text=_("As 5,6,7,8,9 for the flood season."),
    )
    first_day = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    on_holiday = forms.ChoiceField(label=_("On a holiday"), choices=Checklist.Holiday.choices, required=False)
    colour = forms.TypedChoiceField(label=_("After warnings of"), choices=COLOURS, coerce=int, initial=2)
    hazards = forms.MultipleChoiceField(
        label=_("After warnings of these hazards"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: of every hazard."),
    )  # fmt: skip
    hours = forms.IntegerField(label=_("Hours to do it"), min_value=1, max_value=2400, initial=72)
    danger = forms.TypedChoiceField(label=_("If it is left undone"), choices=Danger.choices, coerce=int, initial=1)
    basis = forms.CharField(label=_("Basis"), max_length=200, required=False)

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("level", [(level.value, level.label) for level in Level if level >= at.level])
        self.offer("hazards", hazards.choices())

    def facts(self) -> dict[str, Any]:
        """What `save_checklist` takes."""
        data = dict(self.cleaned_data)
        parts = [f"FREQ={data.pop('every') or 'WEEKLY'}", *_parts(data)]
        data["items"] = data["items"].splitlines()
        data["on_holiday"] = data["on_holiday"] or Checklist.Holiday.SAME
        return data | {"rule": ";".join(parts)}


def _parts(data: dict[str, Any]) -> list[str]:
    interval, day, months = data.pop("interval"), data.pop("day"), data.pop("months")
    until: date | None = data.pop("until")
    parts = [f"INTERVAL={interval}"] if interval else []
    parts += [f"BYDAY={day}"] if day else []
    parts += [f"BYMONTH={months.replace('，', ',').replace(' ', '')}"] if months else []
    return parts + ([f"UNTIL={until:%Y%m%d}"] if until else [])


def initial(checklist: Checklist) -> dict[str, Any]:
    """What the form shows of a checklist that is there."""
    names = (
        "name",
        "level",
        "kind",
        "trigger",
        "first_day",
        "on_holiday",
        "colour",
        "hazards",
        "hours",
        "danger",
        "basis",
    )
    found = {name: getattr(checklist, name) for name in names}
    rule = dict(part.split("=", 1) for part in checklist.rule.split(";") if "=" in part)
    until = rule.get("UNTIL", "")
    found |= {"every": rule.get("FREQ"), "interval": rule.get("INTERVAL"), "day": rule.get("BYDAY")}
    found |= {"months": rule.get("BYMONTH"), "items": "\n".join(checklist.items)}
    return found | {"until": f"{until[:4]}-{until[4:6]}-{until[6:8]}" if until else None}


class MarkForm(forms.Form):
    item = forms.IntegerField(min_value=0, max_value=100)
    state = forms.CharField(max_length=14)
    note = forms.CharField(max_length=200, required=False)
