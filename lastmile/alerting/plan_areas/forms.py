"""What people type about a plan area. Its places come from the picker, the rest of its area from the map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.codes import Hazard
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import destinations
from lastmile.community.org.models import Place, Post, ancestors
from lastmile.kernel.forms import Styled

if TYPE_CHECKING:  # generic for mypy only
    OfPosts = forms.ModelChoiceField[Post]
else:
    OfPosts = forms.ModelChoiceField

MOST_POSTS = 400  # to choose from


class PostChoice(OfPosts):
    def label_from_instance(self, obj: Post) -> str:
        return f"{obj.place.name} · {obj.title}"


class PlanAreaForm(Styled):
    name = forms.CharField(label=_("Name"), max_length=100)
    hazard = forms.ChoiceField(label=_("Hazard"), required=False)
    post = PostChoice(Post.objects.none(), label=_("Who answers for it"), required=False, empty_label=_("nobody yet"))
    shelters = forms.TypedMultipleChoiceField(
        label=_("Where its people go"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    destination = forms.CharField(
        label=_("Where to go, in words"),
        required=False,
        max_length=200,
        help_text=_("Where it is in no register, or how to get there."),
    )
    basis = forms.CharField(
        label=_("Which plan says so"), required=False, max_length=200, help_text=_("As: flood plan of 2026, 4.2")
    )
    geojson = forms.CharField(
        label=_("Drawn area (GeoJSON)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "font-monospace"}),
        help_text=_("Drawn on the map, or pasted here."),
    )

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("hazard", [("", _("every hazard")), *Hazard.choices])
        near = Post.objects.filter(closed_on=None, site=None).select_related("place")
        around = near.filter(place__code__startswith=at.code) | near.filter(place__in=ancestors(at.code))
        self.offer("post", around.order_by("place", "kind", "title")[:MOST_POSTS])
        offered = destinations.near(at.code)
        self.offer("shelters", [(one.key, f"{one.name} · {one.place} · {one.beds}") for one in offered])
        if not offered:
            self.fields["shelters"].widget = forms.MultipleHiddenInput()

    def clean_geojson(self) -> list[Any]:
        text = self.cleaned_data["geojson"].strip()
        if not text:
            return []
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            says = _("This is not GeoJSON. Paste a polygon, or draw the area on the map.")
            raise forms.ValidationError(says) from error
        return found if isinstance(found, list) else [found]

    @staticmethod
    def initial_of(one: PlanArea) -> dict[str, Any]:
        names = ("name", "hazard", "post", "shelters", "destination", "basis")
        return {name: getattr(one, name) for name in names} | {"geojson": drawn(one)}


def drawn(one: PlanArea) -> str:
    """Its polygons as one geometry, for the map, the text box and the workbook; empty without any."""
    polygons = one.area.get("polygons", []) if one.area else []
    if len(polygons) > 1:
        return json.dumps({"type": "MultiPolygon", "coordinates": [part["coordinates"] for part in polygons]})
    return json.dumps(polygons[0]) if polygons else ""
