"""Handovers: what goes from one holder of a post to the next, and the successor's word that it arrived."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Post
from lastmile.community.people.models import Person


class Handover(models.Model):
    """Opened when the holder of a post goes. `things` is a list of {what, given, taken}: keys, papers, lists.

    Without a successor it waits for one; open obligations of the post stay with the post all the while.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    before = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    after = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    things = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    moved = models.PositiveIntegerField(default=0)  # obligations of the person that went to the post
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(confirmed_at=None), name="one_handover_at_a_time")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
