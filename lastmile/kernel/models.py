"""The audit trail: appended by one function, chained by a database trigger, never changed."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One act of one actor. A trigger fills `previous` and `digest`; another refuses UPDATE and DELETE."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.IntegerField(null=True)  # a log-in's key; null for the system itself
    actor_name = models.TextField()
    action = models.TextField(db_index=True)  # room.verb, as alerting.issue
    place = models.TextField(default="", db_collation="C", db_index=True)
    object_type = models.TextField(default="")
    object_id = models.TextField(default="")
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    previous = models.BinaryField(editable=False, default=b"")
    digest = models.BinaryField(editable=False, default=b"")

    class Meta:
        indexes = [
            # "what happened to this object", on every detail page
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            # what one person did, the newest first, for the auditor
            models.Index(fields=["actor", "id"], name="audit_actor"),
        ]


class KeyRotation(models.Model):
    """One run through everything that is sealed, under another key; what the page shows of it."""

    id = models.AutoField(primary_key=True)
    key = models.PositiveSmallIntegerField()  # the number that everything gets
    index = models.BooleanField()  # whether the blind indexes are computed anew too
    actor_name = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)  # of rotation.steps()
    last_key = models.BigIntegerField(default=0)  # how far the step is
    passes = models.PositiveSmallIntegerField(default=1)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)  # null until counted
    left = models.JSONField(default=dict)  # {column: values still under another key} at the end
    trouble = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.pk}"


class AuditArchive(models.Model):
    """The entries of one month as a signed file that anybody can check: a line for each, "digest text", compressed.

    Written once the month is over; the entries themselves are released from the table some months later. The
    certificate is the signed text, word for word; it names the certificate before it. A trigger refuses changes.
    """

    id = models.AutoField(primary_key=True)
    month = models.DateField(unique=True)  # its first day
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    entries = models.BigIntegerField()
    previous = models.BinaryField()  # the digest that its first entry continues
    digest = models.BinaryField()  # of its last entry
    content = models.BinaryField()
    certificate = models.TextField()
    signature = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Retention(models.Model):
    """Another number of days than the one a class of data ships with (kernel.retention)."""

    name = models.CharField(primary_key=True, max_length=40)
    days = models.PositiveSmallIntegerField()
    changed_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
