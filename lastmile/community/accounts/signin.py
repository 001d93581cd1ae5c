"""Log in and out. One sentence answers every failure, so that nobody learns which user names exist."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from lastmile.community.accounts import second, sessions
from lastmile.community.accounts.models import User
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import Refusal


class WrongPassword(Refusal):
    """Wrong name, wrong password, locked or deactivated: they look alike."""

    status = 403


WAITING, WAITS = "second_waits", 300  # seconds between the password and the code of the phone
PROVEN = "second_proven"  # in the session of who gave the second factor


def enter(request: HttpRequest, username: str, password: str) -> User | None:
    """Check the password and start a fresh session. Raises WrongPassword, or TooOften for a hurried address.

    1. count the attempt before looking at the password, so that parallel guesses don't get extra tries;
    2. spend the same time hashing whether or not the name exists and the log-in is open;
    3. start a session under a new key; or, where a second factor guards the log-in, wait for its code (None).
    """
    limits.take(f"login:{limits.caller()}", settings.LOGIN_PER_MINUTE)
    user = User.objects.filter(username=username).first()
    if user is None:
        make_password(password)
        audit.record("accounts.login_failed", object_type="accounts.user", reason="unknown name")
        raise _wrong()
    tried = _count(user)
    right = user.check_password(password)
    if right and tried and user.is_active:
        if second.of(user) is None:
            return _start(request, user)
        request.session.flush()
        request.session[WAITING] = [user.pk, clock.now().timestamp(), user.get_session_auth_hash()]
        return None
    _record_failure(user, tried, "locked or inactive" if right else "wrong password")
    raise _wrong()


def waiting(request: HttpRequest) -> User | None:
    """Whose password was right and whose code is still to come; nobody after five minutes or another password."""
    pk, at, key = request.session.get(WAITING) or (0, 0.0, "")
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or clock.now().timestamp() - at > WAITS:
        return None
    return user if constant_time_compare(key, user.get_session_auth_hash()) else None


def prove(request: HttpRequest, user: User, code: str) -> User:
    """The second step: the code counts as an attempt like a password. Raises WrongCode or TooOften."""
    limits.take(f"login:{limits.caller()}", settings.LOGIN_PER_MINUTE)
    tried = _count(user)
    try:
        if not tried:
            raise _wrong()
        second.check(user, code)
    except Refusal:
        _record_failure(user, tried, "wrong code" if tried else "locked or inactive")
        raise
    _start(request, user)
    request.session.pop(WAITING, None)
    request.session[PROVEN] = True
    return user


@transaction.atomic
def _count(user: User) -> int:
    """Take one of the attempts and say which it is; 0 if the log-in is locked. The last attempt locks it."""
    now = clock.now()
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.is_locked:
        return 0
    # a lock that has run out gives a fresh set of attempts
    row.failed_logins = 1 if row.locked_until else row.failed_logins + 1
    spent = row.failed_logins >= settings.LOGIN_ATTEMPTS
    row.locked_until = now + timedelta(minutes=settings.LOGIN_LOCK_MINUTES) if spent else None
    row.save(update_fields=["failed_logins", "locked_until"])
    return row.failed_logins


@transaction.atomic
def _record_failure(user: User, tried: int, reason: str) -> None:
    audit.record("accounts.login_failed", actor=user, place=user.home, obj=user, reason=reason)
    if tried >= settings.LOGIN_ATTEMPTS:
        minutes = settings.LOGIN_LOCK_MINUTES
        audit.record("accounts.lock", actor=None, place=user.home, obj=user, minutes=minutes)


def _wrong() -> WrongPassword:
    rule = _(
        "After %(n)d wrong passwords a log-in stays locked for %(minutes)d minutes. "
        "In a hurry, call the security administrator of your city or county."
    )
    return WrongPassword(
        _("User name or password is wrong, or the log-in is locked."),
        rule % {"n": settings.LOGIN_ATTEMPTS, "minutes": settings.LOGIN_LOCK_MINUTES},
    )


@transaction.atomic
def _start(request: HttpRequest, user: User) -> User:
    User.objects.filter(pk=user.pk).update(failed_logins=0, locked_until=None)
    user.refresh_from_db()
    login(request, user)
    sessions.began(request)
    audit.record("accounts.login", actor=user, place=user.home, obj=user)
    return user


def leave(request: HttpRequest) -> None:
    """End the session and forget it."""
    if isinstance(request.user, User):
        audit.record("accounts.logout", actor=request.user, place=request.user.home, obj=request.user)
    logout(request)
