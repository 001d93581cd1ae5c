"""Forms that look like the console: Tabler's classes, one template for a labelled field with its help and errors."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

DASHES = BLANK_CHOICE_DASH[0][1]


def _name_the_empty_choice(field: forms.Field) -> None:
    """“Please choose” where Django shows a row of dashes."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = _("Please choose")
    elif isinstance(field, forms.ChoiceField):
        choices: list[Any] = list(cast("Any", field.choices))
        if choices and choices[0] == ("", DASHES):
            field.choices = [("", _("Please choose")), *choices[1:]]


class Styled(forms.Form):
    """Give every field the class its widget needs; render one with {% include "kernel/field.html" %}."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)):
                kind = "form-check-input"
            elif isinstance(widget, forms.Select):
                kind = "form-select"
            else:
                kind = "form-control"
            _name_the_empty_choice(field)
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {kind}".strip()

    def offer(self, name: str, choices: Any) -> None:
        """What a choice field offers in this form: pairs, or a queryset for a field that chooses objects."""
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = choices
        elif isinstance(field, forms.ChoiceField):
            field.choices = choices
        else:
            raise TypeError(f"the field {name!r} offers no choices")
