"""Checklists: what is to be looked at, when it comes round, each post's own copy, and what was found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Level, Place, Post
from lastmile.duties.models.obligation import Danger


class Checklist(models.Model):
    """A template for all posts of a kind and level under a place. `next_at` is its due row."""

    class Trigger(models.TextChoices):
        RECURRENCE = "recurrence", _("by the calendar")
        WARNING = "warning", _("after a warning")
        HAND = "hand", _("by hand")

    class Holiday(models.TextChoices):
        SAME = "same", _("on the day itself")
        NEXT = "next", _("on the next working day")
        SKIP = "skip", _("not at all")

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    level = models.SmallIntegerField(choices=Level)  # at which the posts sit
    kind = models.CharField(max_length=20, choices=Post.Kind)
    items = models.JSONField()  # a list of sentences
    basis = models.CharField(max_length=200, blank=True)
    danger = models.SmallIntegerField(choices=Danger, default=Danger.USEFUL)
    hours = models.PositiveIntegerField(default=72)  # to do it, from its opening
    trigger = models.CharField(max_length=12, choices=Trigger)
    rule = models.CharField(max_length=200, blank=True)  # RRULE with an UNTIL
    first_day = models.DateField(null=True)
    on_holiday = models.CharField(max_length=5, choices=Holiday, default=Holiday.SAME)
    hazards = ArrayField(models.CharField(max_length=20), default=list)  # of warnings; empty: every hazard
    colour = models.SmallIntegerField(default=4)  # 1 red … 4 blue: this one and every higher
    next_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["next_at"], name="checklist_next", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """One time a checklist came round, with its items as they were. `places` narrow it to where the warning holds."""

    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="rounds")
    key = models.CharField(max_length=80)  # a day, or the warning: each once
    why = models.CharField(max_length=200, blank=True)
    items = models.JSONField()
    places = ArrayField(models.CharField(max_length=15), default=list)  # prefixes; empty: all under the checklist's
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    handed_out_at = models.DateTimeField(null=True)  # the worker has made every post's copy

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["checklist", "key"], name="round_once")]
        indexes = [models.Index(fields=["id"], name="round_waiting", condition=Q(handed_out_at=None))]


class Sheet(models.Model):
    """A post's copy of a round; whoever holds the post fills it in."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sheets")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    closed_at = models.DateTimeField(null=True)  # every item is marked

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "post"], name="sheet_once")]


class Mark(models.Model):
    """What was found at one item: appended only, the last one counts."""

    class State(models.TextChoices):
        DONE = "done", pgettext_lazy("checklist", "in order")
        NOT_APPLICABLE = "not_applicable", pgettext_lazy("checklist", "does not apply")
        PROBLEM = "problem", pgettext_lazy("checklist", "problem")

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="marks")
    item = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=14, choices=State)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering = ["pk"]
