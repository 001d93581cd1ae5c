"""What people type about facts and requests. The rules live in actions; forms only read the types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Post
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
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, field: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = value_input(field)
        given.widget.attrs["class"] = (
            "form-select form-select-lg" if isinstance(given, forms.ChoiceField) else "form-control form-control-lg"
        )
        self.fields = {"value": given, **self.fields}


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
