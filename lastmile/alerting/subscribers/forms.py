"""The form of a subscription."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.forms.drafting import line


class SubscriptionForm(forms.Form):
    name = forms.CharField(label=_("Who gets it"), max_length=80, widget=line())
    url = forms.CharField(
        label=_("Address it is pushed to"), max_length=500, widget=line(type="url", placeholder="https://")
    )
    secret = forms.CharField(
        label=_("Secret that signs it"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
    )
    exercises = forms.BooleanField(
        label=_("Exercises, too"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
