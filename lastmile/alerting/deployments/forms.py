"""The two forms of pairing: invite the one below, enter the code of the one above."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.forms.drafting import line


class InviteForm(forms.Form):
    name = forms.CharField(label=_("Whose system it is"), max_length=80, widget=line())


class JoinForm(forms.Form):
    url = forms.CharField(
        label=_("Address of the system above"), max_length=400, widget=line(type="url", placeholder="https://")
    )
    code = forms.CharField(label=_("Code that it has shown"), max_length=80, widget=line(autocomplete="off"))
    name = forms.CharField(label=_("Whose system it is"), max_length=80, widget=line())
