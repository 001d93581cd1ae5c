"""Give people log-ins and roles, and take them away.

Every verb takes `by`, whoever acts, and checks their permission at the place; None is the system itself (first set-up,
demo). 三员分立: who gives roles never gives one to themselves, and one log-in never holds two of the three offices.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.community.accounts import passwords, queries
from lastmile.community.accounts.models import FOREVER, ApiToken, Grant, User
from lastmile.community.accounts.roles import HELD_AT, THREE_OFFICERS, Role
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, require


@transaction.atomic
def grant(user: User, role: Role, place: Place, *, by: Actor | None, until: datetime | None = None) -> Grant:
    """Let `user` hold `role` at `place`, until then if said.

    Raises Refusal where the role can't be held there, 三员分立 forbids it, or the time is over. Given again, it is held
    as said last, also by whoever was handed it for some days.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two grants at once must see each other
    user.__dict__.pop("held", None)
    check_grant(role, place, user=user, by=by)
    if until is not None and until <= clock.now():
        raise Refusal(_("This time is over already."), _("Choose a later one."))
    end_expired(user.grants.all())
    _end_handed_on(user.grants.filter(role=role, place=place, source__isnull=False), by=by)
    made, new = Grant.objects.get_or_create(
        user=user,
        role=role,
        place=place,
        ended_at=None,
        defaults={"granted_by": by if isinstance(by, User) else None, "granted_at": clock.now(), "until": until},
    )
    user.__dict__.pop("held", None)
    if not new and made.until != until:
        made.until = until
        made.save(update_fields=["until"])
        new = True
    if new:
        audit.record("accounts.grant", actor=by, place=place.code, obj=user, role=role.value)
    return made


def check_grant(role: Role, place: Place, *, user: User | None, by: Actor | None) -> None:
    """Whether `by` may let `user` (None: a log-in to be made) hold `role` at `place`. Raises NotAllowed or Refusal."""
    if by is not None:
        require(by, Perm.GRANT_EDIT, place.code)
    if by is not None and user is not None:
        _not_oneself(user, by)
    _holdable(role, place)
    others = {held for held, _place in user.held} & THREE_OFFICERS - {role} if user is not None else set()
    if role in THREE_OFFICERS and others:
        raise Refusal(
            _("One log-in can't hold two of system administrator, security administrator and auditor."),
            _("Use a second log-in, for another person."),
        )


def _holdable(role: Role, place: Place) -> None:
    if len(place.code) not in HELD_AT[role]:
        raise Refusal(
            _("“%(role)s” can't be held at %(place)s.") % {"role": role.label, "place": place.name},
            _("Choose a place of the right level for this role."),
        )
    if place.valid_to is not None:
        raise Refusal(
            _("The code of %(place)s has been retired.") % {"place": place.name}, _("Choose the place that follows it.")
        )


@transaction.atomic
def end_grant(pk: int, *, by: Actor) -> Grant:
    """End a role; its API tokens end with it. Raises NotFound outside the area, Conflict when it has ended already."""
    held = Grant.objects.select_related("user", "place").filter(pk=pk).first()
    if held is None or not queries.visible(by).filter(pk=held.user_id).exists():
        raise NotFound(_("There is no such role."), _("Go back to the log-in."))
    require(by, Perm.GRANT_EDIT, held.place_id)
    _not_oneself(held.user, by)
    ended = {"ended_at": clock.now(), "ended_by": by if isinstance(by, User) else None}
    if not Grant.objects.filter(pk=pk, ended_at=None).update(**ended):
        raise Conflict(_("This role has ended already."), _("Reload the page."))
    audit.record("accounts.grant_ended", actor=by, place=held.place_id, obj=held.user, role=held.role)
    _end_handed_on(held.handed_on.all(), by=by)
    return held


def _end_handed_on(rows: QuerySet[Grant], *, by: Actor | None) -> None:
    """What was handed on ends with the role it came from."""
    for one in rows.filter(ended_at=None).select_related("user"):
        Grant.objects.filter(pk=one.pk, ended_at=None).update(ended_at=clock.now())
        audit.record("accounts.grant_ended", actor=by, place=one.place_id, obj=one.user, role=one.role)


@transaction.atomic
def end_expired(rows: QuerySet[Grant] | None = None) -> int:
    """Write down that roles whose time is over have ended (they give nothing already), with what they handed on."""
    due = (Grant.objects.all() if rows is None else rows).filter(ended_at=None, until__lte=clock.now())
    over = list(due.select_for_update(of=["self"], skip_locked=True).select_related("user").order_by("pk"))
    for one in over:
        Grant.objects.filter(pk=one.pk).update(ended_at=one.until)
        audit.record("accounts.grant_expired", place=one.place_id, obj=one.user, role=one.role)
        _end_handed_on(one.handed_on.all(), by=None)
    return len(over)


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
    return add_user(username, make_password(password), name=name, role=role, place=place, by=by, temporary=temporary)


@transaction.atomic
def add_user(
    username: str,
    hashed: str,
    *,
    name: str,
    role: Role,
    place: Place,
    by: Actor | None,
    temporary: bool = True,
) -> User:
    """As `create_user`, of a password that has been hashed outside the transaction."""
    if by is not None:
        require(by, Perm.USER_EDIT, place.code)
    now = clock.now()
    try:
        with transaction.atomic():
            user = User.objects.create(
                username=username, password=hashed, display_name=name, created_at=now, must_change_password=temporary
            )
    except IntegrityError as error:
        raise Conflict(
            _("The user name “%(name)s” is taken.") % {"name": username}, _("Choose another user name.")
        ) from error
    audit.record("accounts.user_created", actor=by, place=place.code, obj=user)
    grant(user, role, place, by=by)
    return user


@transaction.atomic
def change_password(user: User, new: str) -> None:
    """The owner chooses a password; the caller has checked the old one. Ends their other sessions."""
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), _("Choose another password.")) from error
    _set_password(user, new, temporary=False)
    audit.record("accounts.password_changed", actor=user, place=user.home, obj=user)


@transaction.atomic
def reset_password(user: User, *, by: Actor) -> str:
    """A temporary password, returned once; opens a lock after wrong passwords and ends every session."""
    require_tended(user, by)
    text = passwords.temporary()
    _set_password(user, text, temporary=True)
    if user.locked_until != FOREVER:
        User.objects.filter(pk=user.pk).update(failed_logins=0, locked_until=None)
    audit.record("accounts.password_reset", actor=by, place=user.home, obj=user)
    return text


def _set_password(user: User, text: str, *, temporary: bool) -> None:
    user.set_password(text)
    user.must_change_password = temporary
    user.password_changed_at = clock.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


def lock(user: User, *, by: Actor) -> None:
    """Keep a log-in out until it is unlocked; its sessions and tokens stop at once."""
    _change(user, by, "accounts.lock", locked_until=FOREVER)


def unlock(user: User, *, by: Actor) -> None:
    """Open a lock, whether a person or wrong passwords have set it."""
    _change(user, by, "accounts.unlock", locked_until=None, failed_logins=0)


def deactivate(user: User, *, by: Actor) -> None:
    """For people who have left: out at once, tokens revoked, what they handed on ended; roles kept for the record until
    they are ended.
    """
    with transaction.atomic():
        _change(user, by, "accounts.deactivate", is_active=False)
        ApiToken.objects.filter(grant__user=user, revoked_at=None).update(revoked_at=clock.now())
        _end_handed_on(Grant.objects.filter(source__user=user), by=by)


def activate(user: User, *, by: Actor) -> None:
    """Let a deactivated log-in in again."""
    _change(user, by, "accounts.activate", is_active=True)


@transaction.atomic
def _change(user: User, by: Actor, action: str, **fields: object) -> None:
    require_tended(user, by)
    User.objects.filter(pk=user.pk).update(**fields)
    user.refresh_from_db()
    audit.record(action, actor=by, place=user.home, obj=user)


def require_tended(user: User, by: Actor) -> None:
    """`by` must be allowed at every place where the log-in holds a role: else a county could take over a city's."""
    _not_oneself(user, by)
    for place in {place for _role, place in user.held} or {user.home}:
        require(by, Perm.USER_EDIT, place)


def _not_oneself(user: User, by: Actor) -> None:
    if user.pk == by.pk:
        raise NotAllowed(
            _("Nobody may change their own log-in or roles."), _("Ask another security administrator to do it.")
        )
