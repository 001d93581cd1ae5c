"""What people type about sites, posts and grids, checked in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org import queries
from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.org.shapes import CHINA
from lastmile.kernel.forms import Styled

if TYPE_CHECKING:  # generic for mypy only
    OfSite = forms.ModelForm[SpecialSite]
    OfPost = forms.ModelForm[Post]
else:
    OfSite = OfPost = forms.ModelForm

WEST, SOUTH, EAST, NORTH = CHINA


class SiteForm(Styled, OfSite):
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=WEST, max_value=EAST, help_text=_("Degrees, as 113.3912")
    )
    latitude = forms.FloatField(
        label=_("Latitude"), required=False, min_value=SOUTH, max_value=NORTH, help_text=_("Degrees, as 34.6201")
    )
    capacity = forms.IntegerField(label=_("People at most"), required=False, min_value=1, max_value=1_000_000)

    class Meta:
        model = SpecialSite
        fields = ("kind", "name", "place", "address", "capacity", "longitude", "latitude")
        labels = {"kind": _("Kind"), "name": _("Name"), "place": _("Grid or village"), "address": _("Address")}

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        """`at` is a village or one of its grids; the site may stand in any of them."""
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Place]", self.fields["place"])
        choice.queryset = Place.objects.current().under(at.code[:12]).filter(level__gte=Level.VILLAGE)
        choice.initial = choice.initial or at.pk
        choice.empty_label = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("longitude") is None) != (data.get("latitude") is None):
            self.add_error("latitude", _("Give both longitude and latitude, or neither."))
        return data


class PostForm(Styled, OfPost):
    class Meta:
        model = Post
        fields = ("kind", "title", "department", "line", "site", "must_answer")
        labels = {
            "kind": _("Kind"),
            "title": _("Title"),
            "department": _("Department"),
            "line": _("Belongs to (empty: told by the name)"),
            "site": _("For the special site"),
            "must_answer": _("Must confirm every warning for this place"),
        }

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[SpecialSite]", self.fields["site"])
        choice.queryset = queries.sites(at.code)
        choice.required = False
        choice.empty_label = _("none")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("kind") == Post.Kind.SITE) != (data.get("site") is not None):
            self.add_error("site", _("Name the special site for a post of that kind, and for no other."))
        return data


class GridForm(Styled):
    """A grid's name and outline."""

    name = forms.CharField(label=_("Name"), max_length=100)
    geometry = forms.CharField(
        label=_("Outline as GeoJSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "font-monospace"}),
        help_text=_("Drawn on the map, or pasted here."),
    )
    mend = forms.BooleanField(label=_("Mend an outline that crosses itself"), required=False)


class UploadForm(Styled):
    file = forms.FileField(
        label=_("GeoJSON file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json"}),
        help_text=_("A FeatureCollection in WGS84; each feature has a code of 15 digits (a grid) or of a place here."),
    )
    mend = forms.BooleanField(label=_("Mend outlines that cross themselves"), required=False)
