"""Log-ins, and the roles they hold at places."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.community.accounts.roles import MAY, Role
from lastmile.community.org.models import Place
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from lastmile.kernel.fields import SealedField
from lastmile.kernel.permissions import Perm

FOREVER: Final = datetime(9999, 12, 1, tzinfo=UTC)  # locked by a security administrator, until they unlock


class UserManager(BaseUserManager["User"]):
    """Log-ins are made by `actions.create_user`."""


class User(AbstractBaseUser):
    """A log-in. `display_name` is the work name shown in the audit trail; the person behind it is optional."""

    id = models.AutoField(primary_key=True)
    username = models.CharField(_("user name"), max_length=40, unique=True)
    display_name = models.CharField(_("display name"), max_length=60)
    person = models.OneToOneField(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    failed_logins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True)
    created_at = models.DateTimeField()

    # set on the object of one request by an API token that may do less than its owner
    only: frozenset[Perm] | None = None

    objects = UserManager()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def held(self) -> list[tuple[Role, str]]:
        """(role, place code) of every grant in force; read once a request."""
        return [(Role(role), place) for role, place in self.grants.in_force().values_list("role", "place_id")]

    def scopes(self, perm: Perm) -> tuple[str, ...]:
        if not self.is_active or (self.only is not None and perm not in self.only):
            return ()
        return tuple(sorted({place for role, place in self.held if perm in MAY[role]}))

    @property
    def places(self) -> tuple[str, ...]:
        """Where this log-in has any role at all: what the database shows it."""
        return tuple(sorted({place for _role, place in self.held})) if self.is_active else ()

    @property
    def home(self) -> str:
        """The place under which acts upon this log-in are kept: its highest, or the last it had."""
        now_held = min((place for _role, place in self.held), key=len, default="")
        return now_held or self.grants.order_by("-ended_at").values_list("place_id", flat=True).first() or ""

    @property
    def is_locked(self) -> bool:
        return self.locked_until is not None and self.locked_until > clock.now()

    # What Django's admin site asks; it is open to system administrators only.
    @property
    def is_staff(self) -> bool:
        return bool(self.scopes(Perm.SYSTEM_CONFIGURE))

    def has_perm(self, _perm: str, _obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, _app: str) -> bool:
        return self.is_staff


class Grants(models.QuerySet["Grant"]):
    def in_force(self) -> Grants:
        """Those that give something now; one whose last day is over gives nothing, swept or not."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=clock.now()), ended_at=None)


class Grant(models.Model):
    """A role held at a place; ended, never deleted. One that has `source` was handed on by whoever holds that one."""

    id = models.AutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField()
    until = models.DateTimeField(_("until"), null=True)  # ends by itself then
    ended_at = models.DateTimeField(null=True)
    source = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="handed_on")
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")  # why it was handed on
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # null: by the clock
    seen_at = models.DateTimeField(null=True)  # its holder knows that it was handed to them
    end_seen_at = models.DateTimeField(null=True)  # whoever did not end it knows that it has ended

    objects = Grants.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "place"], condition=models.Q(ended_at=None), name="grant_once"
            )
        ]

    @property
    def in_force(self) -> bool:
        return self.ended_at is None and (self.until is None or self.until > clock.now())


class ApiToken(models.Model):
    """A key for programs: acts as its owner in one of their roles, until it expires or is revoked.

    Only the SHA-256 of the token is kept; it is shown once. It ends with its grant.
    """

    id = models.AutoField(primary_key=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(_("what it is for"), max_length=60)
    digest = models.BinaryField(unique=True)
    read_only = models.BooleanField(_("may only read"), default=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # to the hour, so that reading does not write on every call

    def __str__(self) -> str:
        return self.label

    @property
    def in_force(self) -> bool:
        return self.revoked_at is None and self.grant.in_force and self.expires_at > clock.now()


class SecondFactor(models.Model):
    """What proves that a phone is in the hand of whoever knows the password: a shared secret (TOTP, RFC 6238)."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="second")
    secret = SealedField(label="accounts.second")
    since = models.DateTimeField()  # its first right code
    used_step = models.BigIntegerField(default=0)  # the half minute of the last right code: each is good once


class RecoveryCode(models.Model):
    """For the day the phone is gone. Only a keyed hash is kept; each is good once."""

    id = models.AutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_once")]


class LogInBook(models.Model):
    """A workbook of log-ins that its owner has confirmed. Its rows are sealed and destroyed when it is settled; the
    temporary passwords are sealed until they are fetched, once, or late."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting for import")
        DONE = "done", _("imported")
        FAILED = "failed", _("not imported")

    id = models.AutoField(primary_key=True)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    rows = SealedField(label="loginbook.rows", null=True)  # as typed
    key = models.JSONField()  # what the preview said it would do
    passwords = SealedField(label="loginbook.passwords", null=True)
    done = models.PositiveSmallIntegerField(default=0)  # passwords hashed so far, for the progress bar
    total = models.PositiveSmallIntegerField()
    outcome = models.JSONField(default=dict)  # counts, or the sentence of a failure
    ordered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [  # book.life.forget, every minute
            models.Index(fields=["settled_at"], condition=models.Q(passwords__isnull=False), name="loginbook_unfetched")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Session(AbstractBaseSession):
    """A log-in on one device. The columns repeat what its data say, so that its owner can find and end it."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    since = models.DateTimeField(null=True)
    seen = models.DateTimeField(null=True)  # to the minute
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, default="")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
