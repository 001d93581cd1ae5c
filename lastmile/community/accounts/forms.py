"""What people type about log-ins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.accounts.models import User
from lastmile.kernel.forms import Styled


class LoginForm(Styled):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(Styled):
    """Choose a new password; the rules are shown before, and each broken one after."""

    old = forms.CharField(
        label=gettext_lazy("Present password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("New password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @property
    def rules(self) -> list[str]:
        return [*password_validators_help_texts(), _("Your password must differ from the present one.")]

    def clean_old(self) -> str:
        old = str(self.cleaned_data["old"])
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not your present password."))
        return old

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        validate_password(new, self.user)
        if self.user.check_password(new):
            raise forms.ValidationError(_("Your password must differ from the present one."))
        return new

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two new passwords differ."))
        return cleaned
