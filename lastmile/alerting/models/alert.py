"""A warning before and after it is issued. What is issued is frozen in an AlertEvent and never joined again."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.codes import Colour, Hazard
from lastmile.community.org.models import Place


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("in force")
    UPDATED = "updated", _("updated by a later one")
    LIFTED = "lifted", _("lifted")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    DISCARDED = "discarded", _("discarded")


class Kind(models.TextChoices):
    """What a message does to its predecessor. Every kind goes through the same review."""

    ALERT = "alert", _("new warning")
    UPDATE = "update", _("update")
    LIFT = "lift", _("all-clear")
    CANCEL = "cancel", _("cancellation")
    TEST = "test", _("reachability test")  # no warning: made by readiness alone, and shown in no list of warnings


WARNS = (Kind.ALERT, Kind.UPDATE)  # messages on which somebody must do something


class Group(StrEnum):
    """Who inside the area is told."""

    RESIDENTS = "residents"
    RESPONSIBLE = "responsible"  # holders of posts that must answer, and their deputies while they are on leave
    SITES = "sites"  # responsible persons of special sites


class Alert(models.Model):
    """One message of a warning: the first, an update, the all-clear or a cancellation.

    `replaces` is the message it follows; issuing it moves that one to updated, lifted or cancelled. `audience` is
    {"places": [code…], "polygons": [GeoJSON Polygon…], "circles": [[lon, lat, km]…], "groups": [Group…]}.
    `version` rises with every save of the form, so that two people can't overwrite each other. A trigger of the
    database refuses any change of the content outside draft and returned.
    """

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)  # ours, in every address; the CAP identifier is the event's
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ALERT)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the issuing city or county
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_index=True)
    hazard = models.CharField(max_length=20, choices=Hazard)
    event_code = models.CharField(max_length=10, blank=True)
    colour = models.SmallIntegerField(choices=Colour)
    exercise = models.BooleanField(default=False)
    issuers = models.JSONField(default=list)  # names of the issuing units, in order
    headline = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)  # what happens: facts and numbers
    instruction = models.TextField(blank=True)  # what to do, most urgent first
    english = models.JSONField(default=dict)  # {"headline", "description", "instruction"}, optional
    shelter = models.TextField(blank=True)  # where to go
    contact = models.CharField(max_length=100, blank=True)  # whom to call
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    audience = models.JSONField(default=dict)
    channels = models.JSONField(default=list)  # names, in the order in which they are tried
    urgent = models.BooleanField(default=False)  # issued before approval, which must follow
    reason = models.TextField(blank=True)  # why it is updated, lifted or cancelled
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_by = models.JSONField(default=list)  # keys of all log-ins that wrote in it; none of them may approve it
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # updated, lifted, cancelled or expired

    class Meta:
        ordering = ["-id"]
        # the expiry duty asks for what is in force and over
        indexes = [models.Index(fields=["ends_at"], name="alert_in_force", condition=models.Q(state="issued"))]

    def __str__(self) -> str:
        return self.headline or self.code


class Review(models.Model):
    """One decision of one approver; appended, never changed."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")
        APPROVED_AFTER = "approved_after", _("approved after issue (urgent)")
        OBJECTED_AFTER = "objected_after", _("objected to after issue (urgent)")

    id = models.AutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="reviews")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField()  # of the alert that was decided on
    at = models.DateTimeField()


class AlertEvent(models.Model):
    """One issue, frozen. `frozen` (see models.frozen) alone rebuilds the CAP message and every text; nothing is joined.

    The key stays below 2**24: personal links carry it in three bytes.
    """

    id = models.AutoField(primary_key=True)
    alert = models.OneToOneField(Alert, on_delete=models.PROTECT, related_name="event")
    identifier = models.CharField(max_length=60, unique=True)  # CAP identifier
    place = models.CharField(max_length=15, db_collation="C", db_index=True)  # code of the issuing place
    colour = models.SmallIntegerField(choices=Colour)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    frozen = models.JSONField()
    ladder = models.JSONField(default=list, db_default=[])  # how silence climbs, frozen as well (cascade.rules)
    closed_at = models.DateTimeField(null=True, db_index=True)  # no more sending: expired, updated, lifted, cancelled

    def __str__(self) -> str:
        return self.identifier

    @property
    def exercise(self) -> bool:
        return bool(self.frozen.get("status") == "Exercise")

    @property
    def warning(self) -> int:
        """The key of the first event of the warning: an update is the same warning, the same need, the same doors."""
        return int((self.frozen.get("follows") or [self.pk])[0])


class LocalNote(models.Model):
    """What a township or village adds for its own people: where to go, whom to call. It travels with their part."""

    id = models.AutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notes")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class Template(models.Model):
    """A starting text for a hazard and colour; {placeholders} are filled in by the officer."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+"
    )  # null: ships with the product
    hazard = models.CharField(max_length=20, choices=Hazard)
    colour = models.SmallIntegerField(choices=Colour)
    headline = models.CharField(max_length=200)
    description = models.TextField()
    instruction = models.TextField()
    english = models.JSONField(default=dict)

    class Meta:
        ordering = ["hazard", "colour"]
        constraints = [
            models.UniqueConstraint(fields=["place", "hazard", "colour"], name="template_once", nulls_distinct=False)
        ]


class ApprovalRule(models.Model):
    """Who must approve a colour at a place (and below it, where no nearer rule stands)."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    colour = models.SmallIntegerField(choices=Colour)
    approver_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # an approver held here
    urgent_allowed = models.BooleanField(default=False)  # may be issued first and approved after

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "colour"], name="approval_rule_once")]
