"""Other deployments of this system: the one above whose warnings we pass on, those below that report back to us.

What was exchanged is in numbered receipts, which are never changed. What they add up to (ReportedTally, ReportedCall)
has the same form on both sides: above it is what the other system has reported, below what we have said so far.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.calls import CallState
from lastmile.alerting.models.sources import Source
from lastmile.community.org.models import Place
from lastmile.kernel.fields import SealedField


class Deployment(models.Model):
    """One link. `place` is what the lower of the two answers for; both know the link by `uid`.

    Each side has a key of its own for each link. `number` is the last receipt written, `have` up to where all of them
    have arrived above. Below a due row: `due_at` is when the other side is spoken to next.
    """

    class Side(models.TextChoices):
        ABOVE = "above", pgettext_lazy("deployment", "above us: its warnings are passed on here")
        BELOW = "below", pgettext_lazy("deployment", "below us: it passes on our warnings and reports back")

    class State(models.TextChoices):
        INVITED = "invited", pgettext_lazy("deployment", "invited; waits for the other side")
        JOINING = "joining", pgettext_lazy("deployment", "being paired")
        ACTIVE = "active", pgettext_lazy("deployment", "paired")
        ENDED = "ended", pgettext_lazy("deployment", "ended")

    id = models.AutoField(primary_key=True)
    uid = models.CharField(max_length=40)
    side = models.CharField(max_length=10, choices=Side)
    state = models.CharField(max_length=10, choices=State)
    name = models.CharField(max_length=80)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=500, blank=True)
    sources = models.ManyToManyField(Source, related_name="+")  # those made for this link, below only
    code = SealedField(label="deployment.code", null=True)  # the one-time code, until it was used
    code_until = models.DateTimeField(null=True)
    key = SealedField(label="deployment.key")  # our private key, Ed25519
    next_key = SealedField(label="deployment.key", null=True)  # the one that follows, until the other side knows it
    peer_keys = ArrayField(models.CharField(max_length=64), default=list)  # public keys of the other side, newest first
    peer_next = models.CharField(max_length=64, blank=True)  # the one it has announced
    number = models.BigIntegerField(default=0)
    have = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)  # receipts that the lower one no longer has
    waiting = models.BigIntegerField(default=0)  # above: receipts that wait below, as it last said
    names = models.JSONField(default=dict)  # names of places as the lower one has them
    write_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # the last good exchange
    peer_at = models.DateTimeField(null=True)  # the time it had there, so that a repeated request is no sign of life
    skew = models.FloatField(null=True)  # seconds that the other side's clock is ahead of ours
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    paired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_there = models.BooleanField(default=False)  # by the other side

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["uid", "side"], name="deployment_once")]
        indexes = [models.Index(fields=["due_at"], name="deployment_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return self.name


class DeploymentReceipt(models.Model):
    """What was said under one number, and its signature. A trigger refuses any change but that it was acknowledged."""

    class Refused(models.TextChoices):
        """Why a receipt is kept and counts for nothing."""

        SIGNATURE = "signature", pgettext_lazy("receipt", "its signature does not fit")
        UNREADABLE = "unreadable", pgettext_lazy("receipt", "it can't be read")
        MESSAGE = "message", pgettext_lazy("receipt", "it speaks of a warning that we did not issue")
        PLACE = "place", pgettext_lazy("receipt", "it speaks of places for which this system does not answer")

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="receipts")
    number = models.BigIntegerField()
    text = models.TextField()
    signature = models.CharField(max_length=128)
    key = models.CharField(max_length=64)  # public, by which it holds
    at = models.DateTimeField()  # written below, taken in above
    acked_at = models.DateTimeField(null=True)
    refused = models.CharField(max_length=12, choices=Refused, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["link", "number"], name="deployment_receipt_once")]


class ReportedTally(models.Model):
    """People and households of one place under one message, named by its identifier above; as alerting.Tally."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.CharField(max_length=300)
    place = models.CharField(max_length=15, db_collation="C")
    vulnerable = models.BooleanField()
    number = models.BigIntegerField()  # of the receipt that said so: an older one changes nothing
    people = models.IntegerField()
    told = models.IntegerField()
    delivered = models.IntegerField()
    failed = models.IntegerField()
    opened = models.IntegerField()
    confirmed = models.IntegerField()
    safe = models.IntegerField()
    moved = models.IntegerField()
    needs_help = models.IntegerField()
    refused = models.IntegerField()
    absent = models.IntegerField()
    unreachable = models.IntegerField()
    doors = models.IntegerField()
    doors_told = models.IntegerField()
    doors_delivered = models.IntegerField()
    doors_confirmed = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "message", "place", "vulnerable"], name="reported_tally_once")
        ]
        # the coverage of a message below a place
        indexes = [models.Index(fields=["message", "place"], name="reported_place")]


class ReportedCall(models.Model):
    """How far one responsible post is; no person is named."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.CharField(max_length=300)
    key = models.CharField(max_length=60)  # the post's, below
    number = models.BigIntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    title = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=CallState)
    confirmed_at = models.DateTimeField(null=True)
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "message", "key"], name="reported_call_once")]
        indexes = [models.Index(fields=["message", "place"], name="reported_call_place")]
