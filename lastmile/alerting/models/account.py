"""Accounts at gateways and centres that belong to a place: a county may have its own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.fields import SealedField


class ChannelAccount(models.Model):
    """How the messages of one channel leave for a place and all below it, where no nearer place has an account.

    `kind` says how the far side is spoken to; `settings` are those of the kind as JSON, sealed. What leaves nowhere
    else leaves by the installation's own settings, which have the number 0 wherever an account is named.
    """

    class Per(models.TextChoices):
        MESSAGE = "message", _("message")
        PART = "part", _("part of a message")

    place = models.ForeignKey("org.Place", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    settings = SealedField(label="channel.account", null=True)
    price = models.DecimalField(max_digits=8, decimal_places=4, default=0)  # yuan
    per = models.CharField(max_length=10, choices=Per, default=Per.PART)
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "channel"], name="account_of_place")]

    def __str__(self) -> str:
        return self.name
