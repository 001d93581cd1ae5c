"""Programs to which every published message is pushed (subscription), and each push of one message (delivery)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Place
from lastmile.kernel.fields import SealedField


class Subscription(models.Model):
    """`due_at` is set while the other side is still to be asked whether it wants this."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("subscription", "being asked whether it wants this")
        ACTIVE = "active", pgettext_lazy("subscription", "active")
        REFUSED = "refused", pgettext_lazy("subscription", "did not confirm")
        ENDED = "ended", pgettext_lazy("subscription", "ended")

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=80)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # what concerns it is pushed
    url = models.CharField(max_length=500)
    secret = SealedField(label="subscription.secret")
    exercises = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    challenge = models.CharField(max_length=64)
    error = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A due row: one message to one subscriber. The other side knows it by the message's identifier."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # null: delivered, given up, or the subscription ended
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["subscription", "event"], name="delivery_once")]
        indexes = [models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False))]
