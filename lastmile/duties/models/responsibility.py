"""Responsibility lists (权责清单): what a post must do, on what basis, how often, until when, and who takes over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Post
from lastmile.community.people.models import Person


class DutyList(models.Model):
    """One version of a post's list; versions are never changed, a new one replaces the last.

    `lines` is a list of {duty, basis, frequency, deadline, evidence, takes_over}, all text; `evidence` is empty unless
    more than the fact itself is wanted.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    lines = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "version"], name="duty_list_version"),
            models.UniqueConstraint(fields=["post"], condition=Q(replaced_at=None), name="duty_list_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.post} v{self.version}"


class DutySignature(models.Model):
    """A holder has read a version and takes it on; appended only."""

    list = models.ForeignKey(DutyList, on_delete=models.CASCADE, related_name="signatures")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "person"], name="duty_signed_once")]
