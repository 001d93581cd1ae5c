"""When somebody wants their day's list by e-mail."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lastmile.community.accounts.models import User


class Digest(models.Model):
    """Chosen by the person; `next_at` is the due row. No row: no summary."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.TimeField(_("time of the day"))  # Beijing
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # the last one that had something to say

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="digest_next", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"
