"""The ledger: who is to be told, what was handed over, what came back. Its grain is the grid (see docs/adr)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.kernel.fields import SealedField


class Sent(models.IntegerChoices):
    """One byte of Manifest.states: how far the hand-over of one person on one channel has come."""

    WAITING = 0, pgettext_lazy("hand-over", "waiting")
    SENDING = 1, _("being handed over")  # a crash here is visible and settled by the channel's policy
    ACCEPTED = 2, _("accepted by the gateway")
    RETRY = 3, _("will be tried again")
    REFUSED = 4, pgettext_lazy("hand-over", "refused for good")
    UNKNOWN = 5, pgettext_lazy("hand-over", "outcome unknown")
    NO_CONTACT = 6, _("no contact for this channel")
    SKIPPED = 7, _("not sent: no longer valid")
    GAVE_UP = 8, _("given up after many tries")  # says nothing about the number


class Cause(models.TextChoices):
    """Why a wave was written."""

    ISSUE = "issue", _("at issue")
    AGAIN = "again", _("sent again")
    FALLBACK = "fallback", _("fall-back from another channel")


class Manifest(models.Model):
    """One batch: the people of one place to be told of one event on one channel. `states` holds a byte per person."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="manifests")
    place = models.CharField(max_length=15, db_collation="C")  # the grid; for staff the place of their post
    channel = models.CharField(max_length=20)
    wave = models.SmallIntegerField(default=0)  # 0 at issue; one more for each "send again" and each fall-back
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.ISSUE, db_default=Cause.ISSUE)
    part = models.SmallIntegerField(default=0)  # where a place has more people than fit one batch
    priority = models.SmallIntegerField()  # higher goes first: colour, then danger
    person_ids = ArrayField(models.IntegerField())
    states = models.BinaryField()
    due_at = models.DateTimeField(null=True)  # null: nothing left to do
    lease_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    account = models.IntegerField(default=0, db_default=0)  # by which it left; 0: the installation's
    handed = models.IntegerField(default=0, db_default=0)  # messages that the far side has accepted
    parts = models.IntegerField(default=0, db_default=0)  # what they were billed as, for SMS

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "channel", "wave", "place", "part"], name="manifest_once"),
        ]
        # the claim: the most urgent open batch of a channel that is due
        indexes = [
            models.Index(
                fields=["channel", "-priority", "id"], name="manifest_open", condition=models.Q(due_at__isnull=False)
            ),
            # what a channel has settled lately, and what went wrong there: its page, and the watchdog
            models.Index(
                fields=["channel", "settled_at"],
                name="manifest_settled",
                condition=models.Q(settled_at__isnull=False),
            ),
            models.Index(fields=["channel", "settled_at"], name="manifest_failed", condition=~models.Q(error="")),
            # the fold: every batch of a place, and in which place of an event a person is listed
            models.Index(fields=["event", "place"], name="manifest_place"),
        ]


class Fact(models.IntegerChoices):
    """One thing known about one person and one event. Reached, understood and acted are different facts."""

    DELIVERED = 1, _("delivered")
    FAILED = 2, _("not delivered")
    READ = 3, _("opened")
    CONFIRMED = 4, _("confirmed")
    SAFE = 5, _("safe")
    MOVED = 6, _("moved")
    NEEDS_HELP = 7, _("needs help")
    REFUSED = 8, _("refuses to leave")
    ABSENT = 9, _("nobody there")
    UNREACHABLE = 10, _("can't be reached")
    UNDONE = 11, _("taken back")  # cancels the person's own earlier answers to this event
    RELAYED = 12, _("passed on")  # by a responsible person: the level below was told
    TAKEN_OVER = 13, _("looks after who is silent")  # by a superior who was called with their name


class Receipt(models.Model):
    """One fact, appended once. `key` makes it idempotent; order is by id; `happened_at` may be earlier than entry."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    event = models.ForeignKey(
        AlertEvent, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )  # receipt_person begins with it; a second index would be a second, wrong way for a planner that knows little yet
    person = models.IntegerField()
    fact = models.SmallIntegerField(choices=Fact)
    channel = models.CharField(max_length=20)  # by which it came: sms, email, link, door, staff …
    happened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    by = models.IntegerField(null=True)  # the log-in that entered it on someone's behalf
    note = SealedField(label="receipt.note", null=True)  # what the person wrote, or staff about them

    class Meta:
        # everything known of a person, for the fold and the household list
        indexes = [
            models.Index(fields=["event", "person"], name="receipt_person"),
            # what is left to destroy of an event that is over (alerting.ending)
            models.Index(fields=["event"], name="receipt_noted", condition=models.Q(note__isnull=False)),
        ]
