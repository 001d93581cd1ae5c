"""What people type about shelters and transfers, checked in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.org.shapes import CHINA
from lastmile.community.people.models import Household
from lastmile.kernel.forms import Styled
from lastmile.modules.shelters.models import Equipment, Shelter

if TYPE_CHECKING:  # generic for mypy only
    OfShelter = forms.ModelForm[Shelter]
    OfPosts = forms.ModelChoiceField[Post]
else:
    OfShelter = forms.ModelForm
    OfPosts = forms.ModelChoiceField

WEST, SOUTH, EAST, NORTH = CHINA
MOST = 100_000  # people of a shelter
MOST_PLACES = 400  # to choose from


class PostChoice(OfPosts):
    def label_from_instance(self, obj: Post) -> str:
        return f"{obj.place.name} · {obj.title}"


class ShelterForm(Styled, OfShelter):
    keeper = PostChoice(
        Post.objects.none(), label=_("Post that opens and keeps it"), required=False, empty_label=_("nobody yet")
    )
    capacity = forms.IntegerField(label=_("People at most"), min_value=1, max_value=MOST)
    equipment = forms.MultipleChoiceField(
        label=_("Special equipment"),
        choices=Equipment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=WEST, max_value=EAST, help_text=_("Degrees, as 113.3912")
    )
    latitude = forms.FloatField(
        label=_("Latitude"), required=False, min_value=SOUTH, max_value=NORTH, help_text=_("Degrees, as 34.6201")
    )
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)

    class Meta:
        model = Shelter
        fields = (
            *("kind", "name", "place", "area", "address", "capacity", "equipment"),
            *("keeper", "contact", "longitude", "latitude", "notes"),
        )
        labels = {
            "kind": _("Kind"),
            "name": _("Name"),
            "place": _("Stands in"),
            "area": _("For the people of"),
            "address": _("Address"),
            "contact": _("Office phone"),
        }
        help_texts = {"contact": _("A number of the office, nobody's own.")}

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        """`at` is a village or one of its grids."""
        super().__init__(*args, **kwargs)
        village = at.code[:12]
        place = cast("forms.ModelChoiceField[Place]", self.fields["place"])
        place.queryset = Place.objects.current().under(village).filter(level__gte=Level.VILLAGE)
        place.initial, place.empty_label = place.initial or at.pk, None
        area = cast("forms.ModelChoiceField[Place]", self.fields["area"])
        above = [village, village[:9], village[:6]]
        beside = Place.objects.current().filter(parent__code=village[:9])
        area.queryset = (Place.objects.current().filter(pk__in=above) | beside).distinct()
        area.initial, area.empty_label = area.initial or village, None
        keeper = cast("forms.ModelChoiceField[Post]", self.fields["keeper"])
        near = Post.objects.filter(closed_on=None, place__in=[*above, at.code]).select_related("place")
        keeper.queryset = near | Post.objects.filter(closed_on=None, place__parent=village).select_related("place")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("longitude") is None) != (data.get("latitude") is None):
            self.add_error("latitude", _("Give both longitude and latitude, or neither."))
        return data


class OrderForm(Styled):
    """Who goes where. Three answers, one of them given already: the place, the shelter, and if need be one door."""

    place = forms.ModelChoiceField(Place.objects.none(), label=_("Who must go: everybody of"), empty_label=None)
    door = forms.CharField(
        label=_("Only this door"), required=False, max_length=40, help_text=_("The community's number, as 001-0012.")
    )
    site = forms.ModelChoiceField(
        SpecialSite.objects.none(), label=_("Only this special site"), required=False, empty_label=_("none")
    )
    heads = forms.IntegerField(label=_("People of the special site"), required=False, min_value=1, max_value=10_000)
    opening = forms.ChoiceField(label=_("Shelter, the nearest with room first"))
    route = forms.CharField(
        label=_("Way to go"), required=False, max_length=200, help_text=_("As: by the east ridge, over no bridge.")
    )

    def __init__(self, *args: Any, at: Place, offers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inside = Place.objects.current().under(at.code).filter(level__gte=Level.VILLAGE)
        self.offer("place", inside[:MOST_PLACES])
        self.offer("site", SpecialSite.objects.filter(place__code__startswith=at.code, closed_on=None)[:MOST_PLACES])
        self.offer("opening", offers)
        cast("forms.ModelChoiceField[Place]", self.fields["place"]).to_field_name = "code"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        place, door, site = data.get("place"), (data.get("door") or "").strip(), data.get("site")
        if door and site:
            self.add_error("site", _("Name a door or a special site, not both."))
        if site and not data.get("heads"):
            self.add_error("heads", _("How many people are there?"))
        if door and place:
            rows = Household.objects.filter(village=place.code[:12], number=door, moved_out_on=None)
            data["household"] = rows.filter(place__code__startswith=place.code).first()
            if data["household"] is None:
                self.add_error("door", _("There is no such door in this place."))
        if site and place and not site.place_id.startswith(place.code):
            self.add_error("site", _("It does not stand in this place."))
        return data


class ChangeForm(Styled):
    opening = forms.ChoiceField(label=_("To this shelter instead"))
    reason = forms.CharField(label=_("Why"), min_length=2, max_length=200)
    route = forms.CharField(label=_("Way to go"), required=False, max_length=200)

    def __init__(self, *args: Any, offers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("opening", offers)


class ReasonForm(Styled):
    reason = forms.CharField(label=_("Why"), min_length=2, max_length=200)
