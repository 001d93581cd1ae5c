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
        # "what happened to this object", on every detail page
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]
