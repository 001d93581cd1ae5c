"""What people type about facts and requests. The rules live in actions; forms only read the types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post
from lastmile.facts import dictionary
from lastmile.facts.actions.request import Wish
from lastmile.facts.dictionary import Field
from lastmile.facts.models import FieldType, Subject
from lastmile.kernel.forms import Styled

LEVELS = [(level.value, level.label) for level in (Level.TOWNSHIP, Level.VILLAGE, Level.GRID)]
OWNERS = [(kind.value, kind.label) for kind in Post.Kind if kind != Post.Kind.SITE]


class DayInput(forms.DateInput):
    input_type = "date"


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"


def value_input(field: Field, **attrs: Any) -> forms.Field:
    """The widget that suits a field: digits bring up the digits on a phone."""
    label = f"{field.label} ({field.unit})" if field.unit else str(field.label)
    if field.type == FieldType.YES_NO:
        choices = [("", "—"), ("yes", _("yes")), ("no", _("no"))]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs=attrs))
    if field.type == FieldType.CHOICE:
        listed = [("", "—"), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=label, choices=listed, widget=forms.Select(attrs=attrs))
    if field.type == FieldType.DATE:
        return forms.CharField(label=label, widget=DayInput(attrs=attrs, format="%Y-%m-%d"))
    mode = {FieldType.WHOLE: "numeric", FieldType.DECIMAL: "decimal"}.get(FieldType(field.type), "text")
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", **attrs}),
        help_text=_("No names, no phone numbers.") if field.type == FieldType.TEXT else "",
    )


class EntryForm(Styled):
    """A value of one fact, with the day and where it comes from."""

    as_of = forms.CharField(
        label=_("As of"), required=False, widget=DayInput(format="%Y-%m-%d"), help_text=_("Empty means today.")
    )
    source = forms.CharField(
        label=_("Source"), required=False, max_length=100, help_text=_("As “counted on site”. May be left empty.")
    )
    note = forms.CharField(label=_("Remark"), required=False, max_length=200)

    def __init__(self, *args: Any, field: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = value_input(field)
        given.widget.attrs["class"] = (
            "form-select form-select-lg" if isinstance(given, forms.ChoiceField) else "form-control form-control-lg"
        )
        self.fields = {"value": given, **self.fields}


@dataclass(frozen=True)
class Rows:
    """A kind of rows that a table can have."""

    name: str
    label: str | Promise
    subject: str
    level: int


def kinds_of_rows(unit: Place) -> list[Rows]:
    """What a unit can ask about: the levels below it, special sites, and households."""
    levels = [Level(number) for number, _label in LEVELS if number > unit.level]
    levels.sort(key=lambda level: level != Level.VILLAGE)  # what is asked most comes first
    kinds = [Rows(level.name.lower(), level.label, Subject.PLACE, level.value) for level in levels]
    of_villages = Level.VILLAGE.value
    sites = Rows("site", Subject.SITE.label, Subject.SITE, of_villages)
    return [*kinds, sites, Rows("household", Subject.HOME.label, Subject.HOME, of_villages)]


class RequestForm(Styled):
    """A request for data. What is ticked is what is asked of people, so nothing is ticked at first."""

    title = forms.CharField(label=_("What the table is"), max_length=100)
    department = forms.CharField(label=_("Department that asks"), max_length=100, required=False)
    basis = forms.CharField(
        label=_("Basis"), max_length=200, help_text=_("Law, plan clause or circular that allows to ask.")
    )
    reason = forms.CharField(label=_("What it is needed for"), max_length=200)
    due_at = forms.DateTimeField(
        label=_("Needed by"), widget=MomentInput(format="%Y-%m-%dT%H:%M"), input_formats=["%Y-%m-%dT%H:%M"]
    )
    under = forms.MultipleChoiceField(
        label=_("Places"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked means all.")
    )
    fields_ = forms.MultipleChoiceField(label=_("Fields"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, unit: Place, rows: Rows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.rows = unit, rows
        self.known = {one.name: one for one in dictionary.fields(subject=rows.subject, level=rows.level)}
        below = Place.objects.current().filter(parent=unit).order_by("code")
        self.offer("under", [(place.code, place.name) for place in below])
        self.offer("fields_", [(name, one.label) for name, one in self.known.items()])
        for name in ("under", "fields_"):
            self.fields[name].widget.attrs["class"] = "form-check-input"

    def offered(self) -> list[tuple[forms.BoundField, Field]]:
        """The boxes of the fields, each with its definition."""
        return [(box, self.known[box.data["value"]]) for box in self["fields_"]]  # type: ignore[misc]  # a widget

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(
            place=self.unit,
            title=given["title"],
            department=given["department"],
            basis=given["basis"],
            reason=given["reason"],
            fields=[self.known[name] for name in given["fields_"]],
            under=given["under"] or [self.unit.code],
            subject=self.rows.subject,
            level=self.rows.level,
            due_at=given["due_at"],
        )


class DefinitionForm(Styled):
    label = forms.CharField(
        label=_("What is asked"), max_length=60, help_text=_("Short and plain, as “working loudspeakers”.")
    )
    type = forms.ChoiceField(label=_("Kind of answer"), choices=FieldType.choices)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    choices = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line; only for “one of several”."),
    )
    subject = forms.ChoiceField(label=_("About"), choices=Subject.choices)
    level = forms.TypedChoiceField(label=_("Entered at each"), choices=LEVELS, coerce=int, initial=Level.VILLAGE)
    owner = forms.ChoiceField(label=_("Post that knows it"), choices=OWNERS)
    department = forms.CharField(label=_("Department"), max_length=100, required=False)
    source = forms.CharField(label=_("Usual source"), max_length=100, required=False)
    validity_days = forms.IntegerField(label=_("Counts as fresh for (days)"), min_value=1, max_value=3650, initial=365)

    def given(self) -> dict[str, Any]:
        return self.cleaned_data | {"choices": self.cleaned_data["choices"].splitlines()}


class LayoutForm(Styled):
    title = forms.CharField(label=_("Name of the form"), max_length=100)
    subject = forms.ChoiceField(label=_("A row stands for"), choices=Subject.choices)
    file = forms.FileField(label=_("Workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))


class OpenForm(Styled):
    """Why somebody takes personal fields in clear, and in which workbook."""

    reason = forms.CharField(
        label=_("Why you need names and numbers"),
        max_length=200,
        help_text=_("Kept with every resident of the table; each may ask who looked, and why."),
    )
    layout = forms.ChoiceField(label=_("Workbook"), required=False)

    def __init__(self, *args: Any, layouts: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("layout", [("", _("plain table")), *layouts])
