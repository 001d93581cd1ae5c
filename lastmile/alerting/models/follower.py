"""Who follows the warnings of a place and is nobody's resident: an address that was confirmed, or a browser."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.kernel.fields import SealedField


class Follower(models.Model):
    """An address and a place; nothing is sent before `confirmed_at`. Whoever leaves is destroyed, not marked."""

    class Kind(models.TextChoices):
        MAIL = "mail", pgettext_lazy("follower", "e-mail")
        PUSH = "push", pgettext_lazy("follower", "browser (web push)")

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=4, choices=Kind)
    place = models.CharField(max_length=15, blank=True)  # its code; "" is everywhere
    colour = models.SmallIntegerField(default=4)  # the mildest that is wanted: 1 red … 4 blue
    language = models.CharField(max_length=2, default="zh")
    address = SealedField(label="follower.address")  # of a mailbox, or a browser's push service
    keys = SealedField(label="follower.keys", null=True)  # of a browser: its public key and secret
    mark = models.BinaryField(max_length=16)  # blind index of the address
    secret = models.CharField(max_length=32, unique=True)  # in the links that confirm, change and end it
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    failures = models.SmallIntegerField(default=0)  # messages refused for good, one after the other

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "mark", "place"], name="follower_once")]
        indexes = [models.Index(fields=["place"], name="follower_place", condition=Q(confirmed_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Told(models.Model):
    """A due row: one message for one follower; settled once. `due_at` is null when nothing more is tried."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("follower", "waiting")
        SENT = "sent", pgettext_lazy("follower", "handed over")
        REFUSED = "refused", pgettext_lazy("follower", "refused")
        OVER = "over", pgettext_lazy("follower", "over before it could go")

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")
    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Follower.Kind)  # the follower's, for the claim
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "follower"], name="told_once")]
        indexes = [models.Index(fields=["kind", "due_at"], name="told_due", condition=Q(due_at__isnull=False))]
