"""What people write about an obligation. The rules live in actions; forms only read the types."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Post
from lastmile.community.people.models import Person
from lastmile.duties.models import Obligation
from lastmile.duties.queries import candidates
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.forms import Styled

SHOWN = 50  # candidates in a list; more are found by typing a place


class TapForm(Styled):
    """A tap: its key makes it one however often it is sent."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)


class WordsForm(TapForm):
    words = forms.CharField(
        label=_("What is it?"), max_length=200, help_text=_("Do not write names or phone numbers."), strip=True
    )


class HandOverForm(Styled):
    post = forms.ModelChoiceField(Post.objects.none(), label=_("To which post"))
    words = forms.CharField(label=_("Why"), max_length=200, required=False)

    def __init__(self, *args: Any, obligation: Obligation, who: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["post"]
        field.queryset = candidates.posts(obligation)
        rows = candidates.named(field.queryset, who)[:SHOWN]
        field.choices = [("", "…"), *((post.pk, f"{post.place.name} · {post.title}") for post in rows)]


class DelegateForm(Styled):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("To whom"))
    until = forms.DateField(label=_("Until the end of"), widget=forms.DateInput(attrs={"type": "date"}))
    words = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, obligation: Obligation, who: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = candidates.persons(obligation)
        field.choices = [("", "…"), *candidates.labelled(obligation, who, SHOWN)]

    def clean_until(self) -> datetime:
        return datetime.combine(self.cleaned_data["until"], time(23, 59, 59), BEIJING)


class DigestForm(Styled):
    at = forms.TimeField(label=_("At what time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class SnoozeForm(Styled):
    until = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(label=_("Why it has to wait"), max_length=200)
