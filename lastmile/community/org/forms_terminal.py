"""What people type about loudspeakers and screens, checked in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org import terminals
from lastmile.community.org.forms import EAST, NORTH, SOUTH, WEST
from lastmile.community.org.models import Level, Place, Post, SpecialSite, Terminal
from lastmile.kernel.forms import Styled

if TYPE_CHECKING:  # generic for mypy only
    OfTerminal = forms.ModelForm[Terminal]
else:
    OfTerminal = forms.ModelForm


class TerminalForm(Styled, OfTerminal):
    code = forms.RegexField(
        label=_("Code"),
        regex=rf"^{terminals.CODE.pattern}$",
        max_length=30,
        help_text=_("3 to 30 letters, digits, - and _: its name in the network, as on its label."),
        error_messages={"invalid": _("Use 3 to 30 letters, digits, - and _, beginning with a letter or digit.")},
    )
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=WEST, max_value=EAST)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=SOUTH, max_value=NORTH)
    quietest = forms.IntegerField(label=_("Volume at least, percent"), min_value=0, max_value=100, initial=40)
    loudest = forms.IntegerField(label=_("Volume at most, percent"), min_value=1, max_value=100, initial=100)
    letters = forms.IntegerField(
        label=_("Letters it can show (0: none)"), min_value=0, max_value=1000, initial=0, required=False
    )

    class Meta:
        model = Terminal
        fields = (
            "code", "kind", "place", "spot", "site", "post", "plays", "speaks", "letters", "quietest", "loudest",
            "longitude", "latitude",
        )  # fmt: skip
        labels = {
            "kind": _("Kind"),
            "place": _("Place"),
            "spot": _("Where it hangs"),
            "site": _("At the special site"),
            "post": _("Who looks after it"),
            "plays": _("Plays audio that it fetches"),
            "speaks": _("Speaks text with a voice of its own"),
        }

    def __init__(self, *args: Any, at: Place, **kwargs: Any) -> None:
        """`at` is a village, one of its grids, or a place above; in a village it may hang in any of its grids."""
        super().__init__(*args, **kwargs)
        places = Place.objects.current().under(at.code[:12])
        choice = cast("forms.ModelChoiceField[Place]", self.fields["place"])
        choice.queryset = places.filter(level__gte=Level.VILLAGE) if at.level >= Level.VILLAGE else places.filter(pk=at)
        choice.initial = choice.initial or at.pk
        choice.empty_label = None
        for name, rows in (("site", terminals.sites_for(at)), ("post", terminals.posts_for(at))):
            other = cast("forms.ModelChoiceField[SpecialSite | Post]", self.fields[name])
            other.queryset, other.required, other.empty_label = rows, False, _("none")

    def clean_letters(self) -> int:
        return self.cleaned_data.get("letters") or 0

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("longitude") is None) != (data.get("latitude") is None):
            self.add_error("latitude", _("Give both longitude and latitude, or neither."))
        if data.get("quietest", 0) > data.get("loudest", 100):
            self.add_error("loudest", _("The loudest can't be below the quietest."))
        if not (data.get("plays") or data.get("speaks") or data.get("letters")):
            self.add_error("plays", _("Say what it can do: play audio, speak text or show letters."))
        return data
