"""Who is responsible: disputes between departments or levels, settled by the next level."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Post
from lastmile.duties.models.obligation import Obligation


class Dispute(models.Model):
    """A post says that something is not its to do. The obligation stays with it, and climbs, until this is settled."""

    obligation = models.ForeignKey(Obligation, on_delete=models.CASCADE, related_name="disputes")
    by_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")  # who should do it instead
    words = models.CharField(max_length=500)
    judge = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    decided = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["obligation"], condition=Q(settled_at=None), name="one_dispute_at_a_time")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
