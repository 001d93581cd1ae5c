"""What people type to mend a gap, or to set a limit."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.cells.forms import NextForm
from lastmile.kernel.forms import Styled


class GuardianForm(Styled):
    phone = forms.CharField(
        label=_("Guardian's phone"), max_length=30, help_text=_("Of a relative or neighbour who is entered here.")
    )


class NumberForm(Styled):
    value = forms.CharField(label=_("The right number or address"), max_length=120, required=False)


class ConfirmForm(Styled):
    """One button: somebody answered on the number."""

    button = _("They answered")


class TakeForm(Styled):
    """One button: the post gets the list that comes with the system."""

    button = _("Take the shipped list")


class SuggestedForm(Styled):
    """One button: divided as the walk suggests."""

    button = _("Divide as suggested")


class AgreedForm(NextForm):
    phone = forms.CharField(label=_("Phone of whoever has agreed"), max_length=30)
    field_order = ("phone", "how")


class BothForm(NextForm):
    first = forms.CharField(label=_("Phone of the first neighbour"), max_length=30)
    second = forms.CharField(label=_("Phone of the second neighbour"), max_length=30)
    field_order = ("first", "second", "how")


class LimitForm(Styled):
    value = forms.IntegerField(
        label=_("Number"), required=False, help_text=_("Empty: as the place above has it."), min_value=1
    )
