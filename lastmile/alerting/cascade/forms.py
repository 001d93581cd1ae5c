"""What people type into the pages of the cascade, read and checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.cascade.rules import MINUTE, MOST_ATTEMPTS, Rules
from lastmile.alerting.channels import registry
from lastmile.community.org.models import Post
from lastmile.kernel.errors import Refusal


def _time() -> forms.TextInput:
    return forms.TextInput(
        attrs={"class": "form-control", "placeholder": "22:00", "maxlength": 5, "inputmode": "numeric"}
    )


def _box() -> forms.CheckboxInput:
    return forms.CheckboxInput(attrs={"class": "form-check-input"})


def _number(most: int) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "form-control", "min": 0, "max": most})


class LadderForm(forms.Form):
    """The rules of one rung, in the words of people: minutes where minutes are meant."""

    called = forms.BooleanField(
        label=gettext_lazy("Posts of this level are called at issue"), required=False, widget=_box()
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Which posts (none ticked: every post that must answer)"),
        choices=Post.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    attempts = forms.IntegerField(
        label=gettext_lazy("Attempts"), min_value=1, max_value=MOST_ATTEMPTS, widget=_number(6)
    )
    interval = forms.IntegerField(label=gettext_lazy("Seconds between attempts"), min_value=10, widget=_number(86_400))
    confirm = forms.IntegerField(
        label=gettext_lazy("Minutes to confirm, for each rung"), min_value=1, widget=_number(1_440)
    )
    relay = forms.IntegerField(
        label=gettext_lazy("Minutes to pass it on (0: not asked)"), min_value=0, widget=_number(1_440)
    )
    again = forms.IntegerField(
        label=gettext_lazy("Minutes after a confirmation that nothing followed"), min_value=1, widget=_number(1_440)
    )
    share = forms.IntegerField(
        label=gettext_lazy("Percent below who must have it before it counts as passed on"),
        min_value=1,
        max_value=100,
        widget=_number(100),
    )
    deputy = forms.BooleanField(label=gettext_lazy("then the deputy"), required=False, widget=_box())
    superior = forms.BooleanField(
        label=gettext_lazy("then the immediate superior, by name"), required=False, widget=_box()
    )
    door = forms.BooleanField(label=gettext_lazy("then somebody is sent to the door"), required=False, widget=_box())
    wake = forms.BooleanField(
        label=gettext_lazy("People are woken in the quiet hours too"), required=False, widget=_box()
    )
    quiet_from = forms.CharField(label=gettext_lazy("Quiet hours from"), max_length=5, widget=_time())
    quiet_until = forms.CharField(label=gettext_lazy("until"), max_length=5, widget=_time())

    def __init__(self, data: QueryDict | None = None, *, rules: Rules) -> None:
        """Boxes for the channels of the first, the second, and all further attempts."""
        super().__init__(data, initial=as_shown(rules))
        names = registry.labels()
        choices = [(name, names[name]) for name in registry.addressed()]
        for at, label in enumerate(step_labels()):
            self.fields[f"step{at}"] = forms.MultipleChoiceField(
                label=label,
                choices=choices,
                required=False,
                initial=rules.steps[min(at, len(rules.steps) - 1)] if rules.steps else (),
                widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.rules().check()
            except Refusal as wrong:
                raise forms.ValidationError(f"{wrong.says} {wrong.mend}") from wrong
        return cleaned

    def rules(self) -> Rules:
        got = dict(self.cleaned_data)
        steps = [tuple(got.pop(f"step{at}", ())) for at in range(3)]
        for name in ("confirm", "relay", "again"):
            got[name] *= MINUTE
        quiet = (got.pop("quiet_from"), got.pop("quiet_until"))
        got["kinds"] = tuple(got["kinds"])
        return Rules(**got, steps=tuple(step for step in steps if step), quiet=quiet)


def step_labels() -> list[str]:
    return [
        _("First attempt by (none ticked: all in service, telephone first)"),
        _("Second attempt by"),
        _("Further attempts by"),
    ]


def as_shown(rules: Rules) -> dict[str, Any]:
    shown = rules.as_json()
    for name in ("confirm", "relay", "again"):
        shown[name] = round(shown[name] / MINUTE)
    shown["quiet_from"], shown["quiet_until"] = rules.quiet
    return shown
