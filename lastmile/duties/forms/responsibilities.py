"""What people type on a responsibility list: one row a duty."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.forms import Styled


class LineForm(Styled):
    duty = forms.CharField(label=_("Duty"), max_length=200, required=False)
    basis = forms.CharField(label=_("Basis"), max_length=200, required=False)
    frequency = forms.CharField(label=_("How often"), max_length=200, required=False)
    deadline = forms.CharField(label=_("Until when"), max_length=200, required=False)
    evidence = forms.CharField(label=_("Evidence wanted (best: none)"), max_length=200, required=False)
    takes_over = forms.CharField(label=_("Who takes over"), max_length=200, required=False)


LineFormSet = forms.formset_factory(LineForm, extra=3, max_num=40)


class SheetForm(Styled):
    file = forms.FileField(label=_("Workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))
