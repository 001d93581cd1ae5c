"""What is running, so that people can see it: workers by their pulse, duties by their last run, channels that rest."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    """One worker process. It writes `seen_at` every few seconds; one that stopped cleanly is deleted."""

    name = models.CharField(primary_key=True, max_length=60)  # host-pid-random
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    told = models.BigIntegerField(default=0)  # people handed over since it started

    def __str__(self) -> str:
        return self.name


class DutyRun(models.Model):
    """The last run of a duty of the workers, by whichever worker did it."""

    name = models.CharField(primary_key=True, max_length=40)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)  # in a row
    error = models.CharField(max_length=300, blank=True)


class Rest(models.Model):
    """A channel that failed several times in a row and is left alone for a while, so that it can recover."""

    channel = models.CharField(primary_key=True, max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField()
    failures = models.IntegerField()
    reason = models.CharField(max_length=300)


class Standstill(models.Model):
    """One thing the watchdog has found to stand still. A row stays when it is mended, with `ended_at`, for the report.

    Kept as a kind with details, not as a sentence: each reader has a language.
    """

    key = models.CharField(max_length=120)  # the same thing found again is the same row
    kind = models.CharField(max_length=20)
    about = models.CharField(max_length=60)  # an event's key, a channel or a duty: what the page can point to
    event = models.ForeignKey(
        "alerting.AlertEvent", on_delete=models.CASCADE, related_name="+", null=True
    )  # null: concerns every warning
    details = models.JSONField()
    since = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        # what stands still now, each thing once
        constraints = [
            models.UniqueConstraint(fields=["key"], name="standstill_open", condition=models.Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return self.key


class PublicEpoch(models.Model):
    """One row, moved by triggers whenever something changes that the public pages show: see sql/public_epoch.sql."""

    id = models.AutoField(primary_key=True)
    number = models.BigIntegerField(default=0)
    moved_by = models.BigIntegerField(default=0)  # the transaction that moved it last: once is enough
