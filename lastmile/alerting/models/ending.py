"""What was destroyed of an event, and the signed word for it."""

from __future__ import annotations

from django.db import models

from lastmile.alerting.models.alert import AlertEvent


class Destruction(models.Model):
    """Personal data of one event, gone for good. The certificate is the signed text, word for word.

    An event has a second one where something was typed in after the first.
    """

    id = models.AutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="destructions")
    place = models.CharField(max_length=15, db_collation="C", db_index=True)  # that of the event
    at = models.DateTimeField(db_index=True)
    counts = models.JSONField()  # {table.column: how many values}
    total = models.PositiveIntegerField()
    certificate = models.TextField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.pk}"


class Hold(models.Model):
    """A warning whose data is not destroyed, for a dispute or an investigation, until somebody releases it."""

    id = models.AutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="+")  # the first of the warning
    place = models.CharField(max_length=15, db_collation="C", db_index=True)  # that of the event
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=60, blank=True)
    released_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event"], name="one_hold", condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return self.reason
