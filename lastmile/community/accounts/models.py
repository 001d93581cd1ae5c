"""Log-ins, and the roles they hold at places."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.community.accounts.roles import MAY, Role
from lastmile.community.org.models import Place
from lastmile.community.people.models import Person
from lastmile.kernel.permissions import Perm


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user


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
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def held(self) -> list[tuple[Role, str]]:
        """(role, place code) of every grant in force; read once a request."""
        return [
            (Role(role), place) for role, place in self.grants.filter(ended_at=None).values_list("role", "place_id")
        ]

    def scopes(self, perm: Perm) -> tuple[str, ...]:
        if not self.is_active:
            return ()
        return tuple(sorted({place for role, place in self.held if perm in MAY[role]}))

    # What Django's admin site asks; it is open to system administrators only.
    @property
    def is_staff(self) -> bool:
        return bool(self.scopes(Perm.SYSTEM_CONFIGURE))

    def has_perm(self, _perm: str, _obj: Any = None) -> bool:
        return self.is_staff

    def has_module_perms(self, _app: str) -> bool:
        return self.is_staff


class Grant(models.Model):
    """A role held at a place; ended, never deleted."""

    id = models.AutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "place"], condition=models.Q(ended_at=None), name="grant_once"
            )
        ]
