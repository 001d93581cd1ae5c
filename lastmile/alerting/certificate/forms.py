"""The form for what came back from whoever certifies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.certificate.actions import LONGEST
from lastmile.kernel.forms import Styled


class InstallForm(Styled):
    file = forms.FileField(
        label=_("File that came back"),
        required=False,
        help_text=_("PEM: the certificate, and those above it, in any order. No private key."),
    )
    text = forms.CharField(
        label=_("or its text"),
        required=False,
        strip=True,
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "placeholder": "-----BEGIN CERTIFICATE-----"},
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and given.get("file") is None and not given.get("text"):
            raise forms.ValidationError(_("Choose the file, or paste its text."))
        return given

    def certificates(self) -> str:
        """What was given; a file that is far too long is cut where it is refused anyway."""
        file = self.cleaned_data["file"]
        if file is None:
            return str(self.cleaned_data["text"])
        return bytes(file.read(LONGEST + 1)).decode("utf-8", "replace")
