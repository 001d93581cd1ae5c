"""The form of a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.chat.keeping import SECRET
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import ChatGroup
from lastmile.community.org.models import Place
from lastmile.kernel.forms import Styled


class GroupForm(Styled):
    place = forms.ChoiceField(label=_("Place"))
    name = forms.CharField(label=_("Name of the group"), max_length=60, help_text=_("As its members see it."))
    audience = forms.ChoiceField(
        label=_("Who is in it"),
        choices=ChatGroup.Audience.choices,
        widget=forms.RadioSelect,
        help_text=_("The card for staff leads to a page where each confirms as themselves, behind the log-in."),
    )
    address = forms.CharField(
        label=_("Webhook address of its robot"),
        max_length=500,
        help_text=_(
            "From the group's settings in WeCom, DingTalk or Feishu. Whoever has it can post there, so it is sealed."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}),
    )
    secret = forms.CharField(
        label=_("Its signing secret"),
        max_length=SECRET,
        required=False,
        help_text=_(
            "DingTalk and Feishu, where signing is switched on. If it asks for a keyword: the Chinese word for warning."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    colour = forms.TypedChoiceField(
        label=_("Told from this colour on"), choices=Colour.choices, coerce=int, initial=Colour.BLUE
    )
    exercises = forms.BooleanField(label=_("Exercises, too (staff only; marked as such)"), required=False)

    language = forms.ChoiceField(
        label=_("Language of the cards"),
        choices=ChatGroup.Language.choices,
        initial=ChatGroup.Language.ZH,
        required=False,
    )

    def __init__(self, *args: Any, places: Sequence[Place] = (), one: ChatGroup | None = None, **kwargs: Any) -> None:
        if one is not None:
            now = {name: getattr(one, name) for name in ("name", "audience", "colour", "exercises", "language")}
            kwargs["initial"] = now | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        if one is None:
            self.offer("place", [(found.code, f"{found.name} {found.code}") for found in places])
            return
        del self.fields["place"]
        for name in ("address", "secret"):
            self.fields[name].required = False
            self.fields[name].help_text = _("Leave it empty to keep the present one.")
        self.fields["address"].widget.attrs["placeholder"] = f"…{one.ends}"
