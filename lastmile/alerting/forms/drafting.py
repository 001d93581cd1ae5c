"""The one form of a warning. It keeps every valid field even where another is wrong, so that nothing typed is lost."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.audience import Audience
from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import Alert, Group
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

LONGEST = 4_000
LOCAL = "%Y-%m-%dT%H:%M"
GROUP_LABELS = [
    (Group.RESIDENTS.value, _("residents")),
    (Group.RESPONSIBLE.value, _("responsible persons")),
    (Group.SITES.value, _("responsible persons of special sites")),
]


class BeijingTime(forms.DateTimeField):
    """A browser's local date and time, read and shown in Beijing time."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"}, format=LOCAL)
    input_formats = (LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(clock.BEIJING).strftime(LOCAL) if isinstance(value, datetime) else value


def area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control"})


def line(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attrs})


class AlertForm(forms.Form):
    hazard = forms.ChoiceField(label=_("Hazard"), choices=Hazard.choices)
    colour = forms.TypedChoiceField(label=_("Colour"), choices=Colour.choices, coerce=int)
    exercise = forms.BooleanField(label=_("This is an exercise"), required=False)
    event_code = forms.CharField(label=_("National event code"), required=False, max_length=10, widget=line())
    starts_at = BeijingTime(label=_("Begins"), required=False)
    ends_at = BeijingTime(label=_("Ends"), required=False)
    geojson = forms.CharField(label=_("Drawn area (GeoJSON)"), required=False, widget=area(4))
    circles = forms.CharField(label=_("Circles"), required=False, widget=area(2))
    headline = forms.CharField(label=_("Headline"), required=False, max_length=200, widget=line())
    instruction = forms.CharField(label=_("What to do"), required=False, max_length=LONGEST, widget=area(6))
    description = forms.CharField(label=_("What is coming"), required=False, max_length=LONGEST, widget=area(4))
    shelter = forms.CharField(label=_("Where to go"), required=False, max_length=1000, widget=area(2))
    contact = forms.CharField(label=_("Whom to call"), required=False, max_length=100, widget=line())
    issuers = forms.CharField(label=_("Issued by"), required=False, max_length=500, widget=area(2))
    reason = forms.CharField(label=_("Why it is changed"), required=False, max_length=500, widget=area(2))
    en_headline = forms.CharField(
        label=_("Headline in English"), required=False, max_length=200, widget=line(lang="en")
    )
    en_instruction = forms.CharField(
        label=_("What to do, in English"), required=False, max_length=LONGEST, widget=area(4)
    )
    en_description = forms.CharField(
        label=_("What is coming, in English"), required=False, max_length=LONGEST, widget=area(3)
    )

    def clean_issuers(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["issuers"].splitlines() if name.strip()][:10]

    def clean_geojson(self) -> list[dict[str, Any]]:
        return self._checked("polygons", _geojson(self.cleaned_data["geojson"]))

    def clean_circles(self) -> list[list[float]]:
        return self._checked("circles", _circles(self.cleaned_data["circles"]))

    def _checked(self, part: str, value: list[Any]) -> list[Any]:
        """What the audience makes of it; its sentence becomes the field's error."""
        if not value:
            return []
        try:
            found = Audience.parse({part: value}).as_json()[part]
        except Refusal as refusal:
            raise forms.ValidationError(f"{refusal.says} {refusal.mend}") from refusal
        return list(found)

    def content(self) -> dict[str, Any]:
        """What can be saved: every valid field, in the shape that `drafting.save` takes."""
        self.is_valid()
        got = dict(self.cleaned_data)
        english = {part: got.pop(f"en_{part}", "") for part in ("headline", "instruction", "description")}
        content = {name: value for name, value in got.items() if name not in {"geojson", "circles"}}
        content["english"] = english
        content["channels"] = [c for c in self._list("channels") if c in registry.in_service()]
        if not {"geojson", "circles"} & set(self.errors):
            content["audience"] = {
                "places": self._list("places"),
                "polygons": got["geojson"],
                "circles": got["circles"],
                "groups": self._list("groups"),
            }
        return content

    def _list(self, name: str) -> list[str]:
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else self.data.get(name, [])
        return list(dict.fromkeys(str(value) for value in values))

    @classmethod
    def of(cls, alert: Alert) -> AlertForm:
        """The form filled from a draft."""
        audience = alert.audience or {}
        names = [name for name in cls.base_fields if hasattr(alert, name)]
        initial = {name: getattr(alert, name) for name in names}
        initial["issuers"] = "\n".join(alert.issuers)
        initial["geojson"] = as_geojson(audience.get("polygons", []))
        initial["circles"] = "\n".join(", ".join(f"{n:g}" for n in circle) for circle in audience.get("circles", []))
        for part in ("headline", "instruction", "description"):
            initial[f"en_{part}"] = alert.english.get(part, "")
        return cls(initial=initial)


def as_geojson(polygons: list[dict[str, Any]]) -> str:
    """One geometry for the map and the text box."""
    if len(polygons) > 1:
        return json.dumps({"type": "MultiPolygon", "coordinates": [p["coordinates"] for p in polygons]})
    return json.dumps(polygons[0]) if polygons else ""


def _geojson(text: str) -> list[Any]:
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(_("This is not GeoJSON. Paste a polygon, or draw the area on the map.")) from error
    return found if isinstance(found, list) else [found]


def _circles(text: str) -> list[list[str]]:
    rows = [row.replace("，", ",").replace(" ", ",").split(",") for row in text.splitlines() if row.strip()]
    return [[number for number in row if number] for row in rows]


class NewForm(forms.Form):
    place = forms.CharField(max_length=15)
    hazard = forms.ChoiceField(label=_("Hazard"), choices=Hazard.choices)
    colour = forms.TypedChoiceField(label=_("Colour"), choices=Colour.choices, coerce=int)
    exercise = forms.BooleanField(label=_("This is an exercise"), required=False)


class TemplateForm(forms.Form):
    headline = forms.CharField(label=_("Headline"), required=False, max_length=200, widget=line())
    instruction = forms.CharField(label=_("What to do"), max_length=LONGEST, widget=area(7))
    description = forms.CharField(label=_("What is coming"), max_length=LONGEST, widget=area(3))
    en_headline = forms.CharField(
        label=_("Headline in English"), required=False, max_length=200, widget=line(lang="en")
    )
    en_instruction = forms.CharField(
        label=_("What to do, in English"), required=False, max_length=LONGEST, widget=area(4)
    )
    en_description = forms.CharField(
        label=_("What is coming, in English"), required=False, max_length=LONGEST, widget=area(2)
    )


class RuleForm(forms.Form):
    approver_place = forms.CharField(max_length=15)
    urgent_allowed = forms.BooleanField(required=False)


def checked(form: forms.Form) -> dict[str, Any]:
    """The cleaned data, or a Refusal with a sentence for each wrong field."""
    if form.is_valid():
        return form.cleaned_data
    raise Refusal(
        _("Some entries can't be used."),
        _("Mend them and try again."),
        fields={
            str(form.fields[name].label or name): " ".join(map(str, errors)) for name, errors in form.errors.items()
        },
    )
