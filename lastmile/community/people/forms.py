"""What people type about households, residents and posts. The rules live in actions; forms only read the types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.org.models import Place
from lastmile.community.people.models import Contact, Language, Vulnerability
from lastmile.kernel.forms import Styled


class HouseholdForm(Styled):
    place = forms.ModelChoiceField(Place.objects.none(), label=_("Grid"), empty_label=None)
    number = forms.CharField(label=_("Door number"), max_length=40, help_text=_("The community's own, as 001-0012."))
    address = forms.CharField(label=_("Address"), max_length=200)
    walking_order = forms.IntegerField(
        label=_("Place in the walking order"), min_value=1, max_value=100_000, required=False
    )
    longitude = forms.FloatField(label=_("Longitude"), min_value=70, max_value=140, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=0, max_value=56, required=False)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("place", places)


class PersonForm(Styled):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    born = forms.IntegerField(label=_("Year of birth"), required=False, help_text=_("Four digits, as 1958."))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    care = forms.MultipleChoiceField(
        label=_("Needs help because"),
        choices=Vulnerability.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note for whoever comes to help"), max_length=200, required=False)
    exposed = forms.BooleanField(
        label=_("Lives in a dangerous spot (by the river, below a slope, in a basement)"), required=False
    )


class NewPersonForm(PersonForm):
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=120, required=False)


class ContactForm(Styled):
    kind = forms.ChoiceField(label=_("Kind of contact"), choices=Contact.Kind.choices)
    value = forms.CharField(label=_("Number or address"), max_length=120)


class GuardianForm(Styled):
    phone = forms.CharField(
        label=_("Guardian's phone"), max_length=30, required=False, help_text=_("Leave empty to have no guardian.")
    )


class AppointForm(Styled):
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        help_text=_("If the number is known here, that person is appointed; nobody is entered twice."),
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=60,
        required=False,
        help_text=_("Needed only for somebody who is not known yet."),
    )


class LeaveForm(Styled):
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason"), max_length=100, required=False)


class UploadForm(Styled):
    file = forms.FileField(label=_("Workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))
