"""What people type to mend a gap, or to set a limit."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.forms import Styled


class GuardianForm(Styled):
    phone = forms.CharField(
        label=_("Guardian's phone"), max_length=30, help_text=_("Of a relative or neighbour who is entered here.")
    )


class ConfirmForm(Styled):
    """One button: somebody answered on the number."""


class LimitForm(Styled):
    value = forms.IntegerField(
        label=_("Number"), required=False, help_text=_("Empty: as the place above has it."), min_value=1
    )
