"""The parts of messages that went out by SMPP: a delivery report names only the centre's number of a part."""

from __future__ import annotations

from django.db import models


class PartState(models.IntegerChoices):
    OPEN = 0
    DELIVERED = 1
    FAILED = 2


class SmppPart(models.Model):
    """One submit_sm. The hand-over fills in `key`, the delivery report `state`, whichever comes first makes the row.

    `number` is the centre's; NULL when the connection broke before the answer came: the centre may have the part or
    not. More than one row of the same key, reference and part is a part that may have come twice.
    """

    id = models.BigAutoField(primary_key=True)
    centre = models.CharField(max_length=80)  # what its numbers are unique for
    number = models.CharField(max_length=64, null=True)  # noqa: DJ001  # NULLs are never equal: any number of unknown ones
    key = models.CharField(max_length=40, db_default="")
    reference = models.IntegerField(db_default=0)
    part = models.SmallIntegerField(db_default=0)
    parts = models.SmallIntegerField(db_default=0)
    at = models.DateTimeField()  # when it went out, or when its report came first
    state = models.SmallIntegerField(choices=PartState, db_default=PartState.OPEN)
    permanent = models.BooleanField(db_default=False)
    reported_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "number"], name="smpp_part_number")]
        indexes = [
            models.Index(fields=["key"], name="smpp_part_key", condition=~models.Q(key="")),
            models.Index(fields=["at"], name="smpp_part_at"),
        ]
