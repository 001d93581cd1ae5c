"""Give people log-ins and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import HELD_AT, THREE_OFFICERS, Role
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


@transaction.atomic
def grant(user: User, role: Role, place: Place, *, by: Actor | None) -> Grant:
    """Let `user` hold `role` at `place`. Raises Refusal where the role can't be held there, or 三员分立 forbids it."""
    if len(place.code) not in HELD_AT[role]:
        raise Refusal(
            _("“%(role)s” can't be held at %(place)s.") % {"role": role.label, "place": place.name},
            _("Choose a place of the right level for this role."),
        )
    others = {held for held, _place in user.held} & THREE_OFFICERS - {role}
    if role in THREE_OFFICERS and others:
        raise Refusal(
            _("One log-in can't hold two of system administrator, security administrator and auditor."),
            _("Use a second log-in, for another person."),
        )
    made, _new = Grant.objects.get_or_create(
        user=user,
        role=role,
        place=place,
        ended_at=None,
        defaults={"granted_by": by if isinstance(by, User) else None, "granted_at": clock.now()},
    )
    user.__dict__.pop("held", None)
    audit.record("accounts.grant", actor=by, place=place.code, obj=user, role=role.value)
    return made


@transaction.atomic
def create_user(
    username: str,
    password: str,
    *,
    name: str,
    role: Role,
    place: Place,
    by: Actor | None = None,
    temporary: bool = True,
) -> User:
    """A new log-in with its first role. `temporary` makes the person choose another password at first log-in."""
    user = User.objects.create_user(
        username, password, display_name=name, created_at=clock.now(), must_change_password=temporary
    )
    grant(user, role, place, by=by)
    return user


@transaction.atomic
def change_password(user: User, new: str) -> None:
    """The owner chooses a password; the caller has checked the old one and the rules. Ends their other sessions."""
    user.set_password(new)
    user.must_change_password = False
    user.password_changed_at = clock.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    audit.record("accounts.password_changed", actor=user, obj=user)
