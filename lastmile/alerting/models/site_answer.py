"""What a special site answers: as one, with a head count. Appended only; the latest by its own time stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import SpecialSite
from lastmile.kernel.fields import SealedField


class SiteAnswer(models.Model):
    """`people` is how many are there now, or went from there. `key` makes it idempotent, as that of a receipt does."""

    class State(models.TextChoices):
        SAFE = "safe", _("everybody is safe here")
        MOVED = "moved", _("everybody has moved")
        HELP = "help", _("the site needs help")

    class Via(models.TextChoices):
        LINK = "link", _("personal link")
        SMS = "sms", _("SMS")
        STAFF = "staff", _("entered by staff")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(SpecialSite, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=6, choices=State)
    people = models.PositiveIntegerField()
    happened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    via = models.CharField(max_length=6, choices=Via)
    by = models.IntegerField(null=True)  # the log-in that entered it
    person = models.IntegerField(null=True)  # the responsible person who answered
    note = SealedField(label="siteanswer.note", null=True)
