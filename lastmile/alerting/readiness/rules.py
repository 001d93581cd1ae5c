"""What a test found is a gap that somebody mends: a contact that did not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.readiness.plans import failing
from lastmile.community.org.models import Level
from lastmile.community.people.actions import confirm_contact
from lastmile.community.people.models import Contact
from lastmile.duties import gaps
from lastmile.duties.forms.gaps import ConfirmForm
from lastmile.duties.gaps import Mend, Rule
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def _rows() -> QuerySet[Contact]:
    return failing().order_by()


def _confirm(contact: Contact, data: dict[str, Any], by: Actor) -> None:
    confirm_contact(contact, by=by)


def _url(contact: Contact) -> str:
    home = contact.person.household_id
    return reverse("household", args=[home]) if home else reverse("staff")


RULE = Rule(
    "unanswered_test", _("contact that did not answer a test"),
    _("Call once: if they answer, one tap says so; else enter the right number."), Level.VILLAGE,
    _rows, what=lambda contact: f"{contact.person.name.masked()} {contact.value.masked()}", url=_url,
    at="person__place__code", danger=2, mend=Mend(Perm.HOUSEHOLD_EDIT, ConfirmForm, _confirm),
)  # fmt: skip


def register() -> None:
    gaps.register(RULE)
