"""Warnings that come in: where from (source, rule), what came (received), what we make of it (proposal)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models.alert import Alert
from lastmile.community.org.models import Place
from lastmile.kernel.fields import SealedField


class Source(models.Model):
    """Somebody whose warnings we take. What form they have is found in the bytes, not declared here.

    A due row: `due_at` is when it is asked next, `claimed_until` until when one worker asks it.
    """

    class Kind(models.TextChoices):
        FEED = "feed", _("an address that is asked")
        PUSH = "push", _("pushed to us")
        HAND = "hand", _("files and text entered by hand")

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # it speaks for this and all below
    url = models.CharField(max_length=500, blank=True)
    token = SealedField(label="source.token", null=True)  # sent with every question; a pusher's is kept as digest
    push_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the token with which it is pushed
    secret = SealedField(label="source.secret", null=True)  # HMAC over what is pushed
    anchors = models.TextField(blank=True)  # certificates believed, PEM
    unsigned = models.BooleanField(default=False)  # whether a message without a trusted signature is proposed at all
    interval = models.PositiveIntegerField(default=60)  # seconds
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # one after the other
    error = models.JSONField(default=dict)  # {"code", "facts"} of the last failure (cap.findings)
    form = models.CharField(max_length=20, blank=True)  # what was found there last: atom, rss, edxl-de, cap, json
    etag = models.CharField(max_length=300, blank=True)
    modified = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["due_at"], name="source_due", condition=Q(enabled=True))]  # polling.claim

    def __str__(self) -> str:
        return self.name


class SourceItem(models.Model):
    """An entry of a feed whose message was fetched: it is not fetched again while it stands there unchanged."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)  # SHA-256 of id, time and address
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="source_item_once")]


class SourceRule(models.Model):
    """What happens to a source's trusted messages of a colour. Rows are appended; the one that is not ended holds.

    Issuing by itself takes two people beforehand: who proposed the rule is the author of what it issues, who confirmed
    it the approver. Both must still hold their roles when it is applied.
    """

    class Action(models.TextChoices):
        PROPOSE = "propose", _("propose")
        ISSUE = "issue", _("issue by itself")

    id = models.AutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="rules")
    colour = models.SmallIntegerField(choices=Colour)
    hazard = models.CharField(max_length=20, choices=Hazard, blank=True)  # empty: every hazard
    action = models.CharField(max_length=10, choices=Action)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "colour", "hazard"], name="source_rule_once", condition=Q(ended_at=None)
            )
        ]


class Proposal(models.Model):
    """What a chain of messages (warning, updates, cancellation) asks of the duty officer now.

    `head` is the message that holds; `done` the one that was last acted on or dismissed. `wanted` says what acting
    would be. `auto_at` is set while a rule is still to be tried. `into` is set where a late message showed that two
    chains are one.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("proposal", "to decide")
        TAKEN = "taken", pgettext_lazy("proposal", "taken over")
        DISMISSED = "dismissed", pgettext_lazy("proposal", "dismissed")
        IDLE = "idle", pgettext_lazy("proposal", "nothing to do")

    class Wanted(models.TextChoices):
        ALERT = "alert", pgettext_lazy("proposal", "new warning")
        UPDATE = "update", pgettext_lazy("proposal", "update")
        LIFT = "lift", pgettext_lazy("proposal", "all-clear")
        CANCEL = "cancel", pgettext_lazy("proposal", "cancellation")
        DROP = "drop", pgettext_lazy("proposal", "discard the draft")
        NOTHING = "", pgettext_lazy("proposal", "nothing")

    id = models.AutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the county or city that would issue
    head = models.ForeignKey("Received", null=True, on_delete=models.PROTECT, related_name="+")
    done = models.ForeignKey("Received", null=True, on_delete=models.PROTECT, related_name="+")
    wanted = models.CharField(max_length=10, choices=Wanted, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="+")  # the last made of it
    rule = models.ForeignKey(SourceRule, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)  # why dismissed, or why a rule did not issue it
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    auto_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-changed_at"]
        indexes = [
            models.Index(fields=["auto_at"], name="proposal_auto", condition=Q(auto_at__isnull=False)),
            models.Index(fields=["state", "place"], name="proposal_list"),
        ]


class Received(models.Model):
    """One message as it came. A trigger refuses any change but to which proposal it belongs."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)  # SHA-256 of sender, identifier, sent
    raw = models.BinaryField()
    form = models.CharField(max_length=20)  # cap, json, xml
    link = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    sender = models.CharField(max_length=300, blank=True)
    identifier = models.CharField(max_length=300, blank=True)
    sent = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=20, blank=True)  # msgType
    status = models.CharField(max_length=20, blank=True)
    colour = models.SmallIntegerField(choices=Colour, null=True)
    hazard = models.CharField(max_length=20, choices=Hazard, blank=True)
    headline = models.CharField(max_length=300, blank=True)
    signature = models.CharField(max_length=12)  # cap.signature.State
    signer = models.CharField(max_length=300, blank=True)
    findings = models.JSONField(default=list)  # as cap.findings.Finding.plain
    own = ArrayField(models.CharField(max_length=64))  # names of itself, and
    refers = ArrayField(models.CharField(max_length=64))  # of what it replaces (sources.chains)
    place = models.CharField(max_length=15, db_collation="C")  # who would issue it here; empty: not about us
    refused = models.CharField(max_length=20, blank=True)  # why it is only kept (words.REFUSED)
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="messages")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="received_once")]
        indexes = [GinIndex(fields=["own"], name="received_own"), GinIndex(fields=["refers"], name="received_refers")]

    def __str__(self) -> str:
        return self.identifier


class Relayed(models.Model):
    """Which message from outside a warning of ours was made of."""

    alert = models.OneToOneField(Alert, primary_key=True, on_delete=models.CASCADE, related_name="relayed")
    received = models.ForeignKey(Received, on_delete=models.PROTECT, related_name="+")
