"""The set-up form of an empty system."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.forms import Styled
from lastmile.site import welcome

OTHER = "other"


class SetupForm(Styled):
    """A city and the first five log-ins. The token travels as a hidden field."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    city = forms.ChoiceField(
        label=_("City"),
        choices=[
            (welcome.CARRIED, _("Zhengzhou (4101), with all its counties, townships and villages")),
            (OTHER, _("another city; its divisions are imported later")),
        ],
        widget=forms.RadioSelect,
        initial=welcome.CARRIED,
    )
    code = forms.RegexField(
        r"^\d{4}$", label=_("Code of the city"), required=False, help_text=_("The first four digits of its codes.")
    )
    name = forms.CharField(label=_("Name of the city"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].widget.attrs["class"] = "form-check-input"
        for role, usual in welcome.FIRST:
            self.fields[f"{role}_username"] = forms.RegexField(
                r"^[\w.-]{2,40}$",
                label=_("User name"),
                initial=usual,
                error_messages={"invalid": _("2 to 40 letters, digits, dots, dashes or underlines.")},
                widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
            )
            self.fields[f"{role}_name"] = forms.CharField(
                label=_("Name of the person"),
                max_length=60,
                widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("city") == OTHER:
            for field in ("code", "name"):
                if not values.get(field) and field not in self.errors:
                    self.add_error(field, _("Needed for another city."))
        return values

    def officers(self) -> list[tuple[str, Any, Any]]:
        """(role in words, its user name field, its name field), in the order of the form."""
        return [(str(role.label), self[f"{role}_username"], self[f"{role}_name"]) for role, _usual in welcome.FIRST]

    def chosen(self) -> dict[str, Any]:
        """The arguments of welcome.set_up."""
        values = self.cleaned_data
        carried = values["city"] == welcome.CARRIED
        return {
            "token": values["token"],
            "code": welcome.CARRIED if carried else values["code"],
            "name": values["name"],
            "people": {
                role: (values[f"{role}_username"], values[f"{role}_name"].strip()) for role, _usual in welcome.FIRST
            },
        }
