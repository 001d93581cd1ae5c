"""The forms of a source, of its rules, and of what is entered by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.forms.drafting import area, line
from lastmile.alerting.models import Source, SourceRule


def _secret() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"})


class SourceForm(forms.Form):
    """What is there stays unless it is written over; a secret is never shown again."""

    name = forms.CharField(label=_("Who sends"), max_length=80, widget=line())
    url = forms.CharField(
        label=_("Address"), max_length=500, required=False, widget=line(type="url", placeholder="https://")
    )
    interval = forms.IntegerField(
        label=_("Asked every … seconds"),
        initial=60,
        min_value=10,
        max_value=86_400,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    token = forms.CharField(label=_("Token sent with the question"), max_length=300, required=False, widget=_secret())
    secret = forms.CharField(label=_("Secret it signs with (HMAC)"), max_length=300, required=False, widget=_secret())
    anchors = forms.CharField(
        label=_("Certificates believed (PEM)"), max_length=100_000, required=False, widget=area(5)
    )
    unsigned = forms.BooleanField(
        label=_("Propose messages without a trusted signature, too"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, kind: str = Source.Kind.FEED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in UNUSED[Source.Kind(kind)]:
            del self.fields[name]

    @classmethod
    def of(cls, source: Source) -> SourceForm:
        names = ("name", "url", "interval", "anchors", "unsigned")
        return cls(kind=source.kind, initial={name: getattr(source, name) for name in names})


UNUSED = {
    Source.Kind.FEED: ("secret",),
    Source.Kind.PUSH: ("url", "interval", "token"),
    Source.Kind.HAND: ("url", "interval", "token", "secret"),
}


class RuleForm(forms.Form):
    colour = forms.TypedChoiceField(label=_("Colour"), choices=Colour.choices, coerce=int)
    hazard = forms.ChoiceField(
        label=_("Hazard"),
        choices=[("", pgettext_lazy("hazard", "all of them")), *Hazard.choices],
        required=False,
    )
    action = forms.ChoiceField(label=_("What happens"), choices=SourceRule.Action.choices)


class EnterForm(forms.Form):
    """A file or a text; the file counts where both are given."""

    file = forms.FileField(
        label=_("File"), required=False, widget=forms.ClearableFileInput(attrs={"class": "form-control"})
    )
    text = forms.CharField(label=_("Or the text of the message"), required=False, widget=area(6))


class CheckForm(EnterForm):
    """Judged with the trust store, and with what one source's certificates vouch for."""

    field_order = ("file", "text", "source")
    source = forms.ChoiceField(
        label=_("Judge its signature also by the certificates of"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, sources: Iterable[Source] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["source"])
        field.choices = [("", _("the trust store alone")), *((str(one.pk), one.name) for one in sources)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and given.get("file") is None and not given.get("text"):
            raise forms.ValidationError(_("Choose a file, or paste the text of a message."))
        return given
