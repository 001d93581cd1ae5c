"""Forms that look like the console: Tabler's classes, one template for a labelled field with its help and errors."""

from __future__ import annotations

from typing import Any

from django import forms


class Styled(forms.Form):
    """Give every field the class its widget needs; render one with {% include "kernel/field.html" %}."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput):
                kind = "form-check-input"
            elif isinstance(widget, forms.Select):
                kind = "form-select"
            else:
                kind = "form-control"
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {kind}".strip()
