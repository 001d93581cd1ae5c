"""What stands on paper: codes of doors that never change, prints that are waiting, and what was typed back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.kernel.fields import SealedField


class DoorCodes(models.Model):
    """The numbers of the doors of one place for one warning and all its updates. `entries` only grows.

    The number of an entry is its position, from 1: a household's key, or minus the key of somebody listed there who
    lives behind none of its doors.
    """

    id = models.AutoField(primary_key=True)
    warning = models.IntegerField()  # key of the first event of the warning
    place = models.CharField(max_length=15, db_collation="C")
    entries = ArrayField(models.IntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warning", "place"], name="door_codes_once")]

    def __str__(self) -> str:
        return f"{self.warning} {self.place}"


class PaperPrint(models.Model):
    """One press of the button: the sheets of an area as a sealed PDF for whoever pressed it, destroyed a day later."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("print", "being made")
        READY = "ready", pgettext_lazy("print", "ready")
        FAILED = "failed", pgettext_lazy("print", "not made")
        GONE = "gone", pgettext_lazy("print", "destroyed")

    id = models.AutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, db_collation="C")
    kinds = models.JSONField()  # names of sheets
    left_only = models.BooleanField(default=False)  # only doors that have not answered
    reason = models.CharField(max_length=200, default="")  # typed; empty: by the duty chain of the warning
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)  # places drawn so far, for the progress bar
    total = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    content = SealedField(label="paperprint.content", null=True)  # the PDF in base64
    refusal = models.JSONField(default=dict)  # {"says", "mend"} of a print that was not made
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        # what is to be destroyed
        indexes = [models.Index(fields=["at"], name="paper_print_held", condition=~models.Q(content=None))]

    def __str__(self) -> str:
        return f"{self.event_id} {self.place} {self.at:%Y-%m-%d %H:%M}"


class PaperEntry(models.Model):
    """What somebody typed back from one sheet at once: `lines` are [[number of the door, digit]…], appended once."""

    id = models.AutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, db_collation="C")
    lines = models.JSONField()
    nonce = models.CharField(max_length=24)  # came with the form: sent twice, it is one entry
    happened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["by", "nonce"], name="paper_entry_once")]
        indexes = [models.Index(fields=["event", "place"], name="paper_entry_place")]  # what was typed for a sheet

    def __str__(self) -> str:
        return _("%(n)d lines") % {"n": len(self.lines)}
