"""Join a log-in with the person behind it, so that what the person's posts owe is on their list."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.community.accounts.actions import require_tended
from lastmile.community.accounts.models import User
from lastmile.community.people.models import Person
from lastmile.community.people.queries import by_contact
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict, NotFound
from lastmile.kernel.permissions import Actor, Perm, within


@transaction.atomic
def join(user: User, contact: str, *, by: Actor) -> None:
    """The person who has this number or e-mail, in the administrator's area, is whoever logs in here; "" unjoins.

    Raises NotFound when nobody there has it, Conflict when several do or the person has another log-in.
    """
    require_tended(user, by)
    person = found(contact, by) if contact.strip() else None
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(person=person)
    except IntegrityError as error:
        raise _has_another() from error
    user.refresh_from_db()
    audit.record("accounts.person_joined", actor=by, place=user.home, obj=user, joined=person is not None)


def _has_another() -> Conflict:
    return Conflict(_("This person has another log-in already."), _("Take it from that one first."))


def require_free(person: Person, user: User | None) -> None:
    """Raises Conflict when another log-in than `user` is joined with them."""
    others = User.objects.filter(person=person)
    if (others.exclude(pk=user.pk) if user else others).exists():
        raise _has_another()


def found(contact: str, by: Actor) -> Person:
    """Who has this number or e-mail, in the administrator's area. Raises NotFound or Conflict."""
    rows = list(by_contact(contact.strip()).filter(within(by.scopes(Perm.USER_EDIT), "place__code")).distinct()[:2])
    if not rows:
        raise NotFound(
            _("Nobody with this number is known in your area."), _("Enter them as holder of their post first.")
        )
    if len(rows) > 1:
        raise Conflict(_("Several people share this number."), _("Give one of them another contact, and use that."))
    return rows[0]
