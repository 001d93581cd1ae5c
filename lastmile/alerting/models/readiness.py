"""Whether people can be reached, found out before it matters: a plan for an area, its weekly rounds, a probe each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Place


class ReadinessPlan(models.Model):
    """A share of the people of an area is asked every week, in working hours, until it is stopped."""

    class Whom(models.TextChoices):
        RESPONSIBLE = "staff", _("whoever must answer a warning")
        EVERYBODY = "all", _("everybody with a contact")

    id = models.AutoField(primary_key=True)
    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="+")
    whom = models.CharField(max_length=10, choices=Whom, default=Whom.RESPONSIBLE)
    share = models.PositiveSmallIntegerField()  # percent a week
    from_hour = models.PositiveSmallIntegerField()  # in Beijing
    to_hour = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.place_id} {self.share} %"


class ReadinessRound(models.Model):
    """One week of a plan: an event of its own kind, which is no warning and is shown as none."""

    id = models.AutoField(primary_key=True)
    plan = models.ForeignKey(ReadinessPlan, on_delete=models.CASCADE, related_name="rounds")
    week = models.DateField()  # its Monday
    event = models.OneToOneField(AlertEvent, on_delete=models.CASCADE, related_name="+")
    people = models.IntegerField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["plan", "week"], name="readiness_once_a_week")]


class Probe(models.Model):
    """One contact asked once. `result` follows the receipts until the round ends; rows are dropped after a year."""

    class Result(models.IntegerChoices):
        WAITING = 0, pgettext_lazy("probe", "waiting")
        ANSWERED = 1, pgettext_lazy("probe", "answered")
        DELIVERED = 2, pgettext_lazy("probe", "delivered, no answer")
        FAILED = 3, pgettext_lazy("probe", "not delivered")
        SILENT = 4, pgettext_lazy("probe", "no sign at all")

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(ReadinessRound, on_delete=models.CASCADE, related_name="probes")
    contact = models.IntegerField()
    person = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    channel = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    result = models.SmallIntegerField(choices=Result, default=Result.WAITING)
    result_at = models.DateTimeField(null=True)

    class Meta:
        # the last probe of a contact; the results of an area
        indexes = [
            models.Index(fields=["contact", "-id"], include=["result", "asked_at"], name="probe_contact"),
            models.Index(fields=["place"], name="probe_place"),
        ]


class ChannelCheck(models.Model):
    """One channel asked once whether it works. `ok` is null while it is being asked; rows are dropped after a year."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=20)
    account = models.IntegerField(default=0, db_default=0)  # of a place; 0: the installation's own settings
    asked_at = models.DateTimeField()
    ok = models.BooleanField(null=True)
    says = models.TextField(default="")  # as channels.said keeps it, for readers of every language
    sent = models.BooleanField(default=False)  # a test message, too

    class Meta:
        # the last one of each channel and account
        indexes = [models.Index(fields=["channel", "account", "-asked_at", "-id"], name="channel_check_last")]

    def __str__(self) -> str:
        return f"{self.channel} {self.asked_at:%Y-%m-%d %H:%M}"
