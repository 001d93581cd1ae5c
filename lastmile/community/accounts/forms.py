"""What people type about log-ins."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.validators import RegexValidator
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lastmile.community.accounts import delegation
from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import Role
from lastmile.kernel.forms import Styled
from lastmile.kernel.permissions import Perm


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


class CodeForm(forms.Form):
    """A code from the phone, or a recovery code; drawn by accounts/code_field.html, never with what was typed."""

    code = forms.CharField(max_length=40)


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


class RoleForm(Styled):
    """A role and where it is held. The place is typed by code or name and checked against the actor's area."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    place = forms.CharField(
        label=gettext_lazy("Place"),
        max_length=100,
        help_text=gettext_lazy("Code or exact name, e.g. 410182. The role reaches every place below it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-place-field": reverse_lazy("place_search")}),
    )


class GrantForm(RoleForm):
    """A role for somebody who has a log-in already, for good or until a day."""

    until = forms.DateTimeField(
        label=pgettext_lazy("role", "Until"),
        required=False,
        help_text=gettext_lazy("Empty: until somebody ends it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class HandOnForm(Styled):
    """One of one's own roles for a colleague, until a day and hour."""

    grant = forms.TypedChoiceField(label=gettext_lazy("Role"), coerce=int)
    to = forms.CharField(
        label=pgettext_lazy("role", "To whom"),
        max_length=40,
        help_text=gettext_lazy("The user name of a colleague at, above or below your place."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "colleagues", "autocapitalize": "none"}),
    )
    until = forms.DateTimeField(
        label=pgettext_lazy("role", "Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["grant"])
        field.choices = [(one.pk, f"{one.get_role_display()} · {one.place.name}") for one in delegation.mine(user)]


class QuestionForm(Styled):
    """May they do this there?"""

    perm = forms.ChoiceField(label=gettext_lazy("What"), choices=lambda: [(perm.value, perm.label) for perm in Perm])
    place = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-place-field": reverse_lazy("place_search")}),
    )


class UserForm(RoleForm):
    field_order = ("username", "display_name", "role", "place")

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]+$",
                gettext_lazy("Use small letters, digits, dot, dash and underscore; at least two characters."),
            )
        ],
        help_text=gettext_lazy("Small letters and digits, as wang.li or 410182-duty1."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Display name"),
        max_length=60,
        help_text=gettext_lazy("The work name that the audit trail shows, as “Xingyang duty desk 1”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TokenForm(Styled):
    """A key for a program, in one of the owner's roles."""

    label = forms.CharField(label=gettext_lazy("What it is for"), max_length=60)
    grant = forms.TypedChoiceField(label=gettext_lazy("Acts in the role"), coerce=int)
    days = forms.IntegerField(label=gettext_lazy("Valid for days"), min_value=1, max_value=366, initial=90)
    read_only = forms.BooleanField(label=gettext_lazy("May only read"), required=False, initial=True)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Grant.objects.in_force().filter(user=user).select_related("place")
        field = cast("forms.TypedChoiceField", self.fields["grant"])
        field.choices = [(row.pk, f"{row.get_role_display()} · {row.place.name}") for row in rows]
