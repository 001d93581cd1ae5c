"""One thing that somebody owes at a place until a moment, and the append-only list of what happened to it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place, Post
from lastmile.community.people.models import Person


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("obligation", "open")
    ACCEPTED = "accepted", pgettext_lazy("obligation", "accepted")
    DONE = "done", pgettext_lazy("obligation", "done")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("obligation", "not applicable")
    PROBLEM = "problem", pgettext_lazy("obligation", "problem found")
    WITHDRAWN = "withdrawn", pgettext_lazy("obligation", "withdrawn")


class Danger(models.IntegerChoices):
    """What can happen when it is left undone; the first thing lists are sorted by."""

    OFFICE = 0, _("office work")
    USEFUL = 1, _("should be done")
    MATTERS = 2, _("things get worse if it is left")
    RISK = 3, _("people can come to harm")
    NOW = 4, _("people can be hurt now")


class Reached(models.IntegerChoices):
    """How far silence has carried it."""

    NOBODY = 0, _("with its holder")
    REMINDED = 1, _("reminded")
    DEPUTY = 2, _("went to the deputy")
    SUPERIOR = 3, _("went to the superior")


class Cause(models.TextChoices):
    """Why it was not done in time: about the post and the work, never about the person."""

    VACANT = "vacant", _("post vacant")
    BOTH_AWAY = "both_away", _("holder and deputy on leave")
    ON_LEAVE = "on_leave", _("holder on leave")
    NO_LOG_IN = "no_log_in", _("holder has no log-in")
    DELEGATED = "delegated", _("delegated, not done")
    SNOOZED = "snoozed", _("put off, not taken up again")
    NEVER_ACCEPTED = "never_accepted", _("never accepted")
    NOT_FINISHED = "not_finished", _("accepted, not finished")


class Obligation(models.Model):
    """Owed by a post (whoever holds it), by one person, or by everybody who holds a permission at the place.

    `closed_at` is empty exactly while it is open or accepted. `policy` is frozen when it is opened: the steps that
    follow on silence, with their moments; `step` counts those taken and `next_at` is the moment of the next one.
    """

    kind = models.CharField(max_length=60)  # a registered kinds.Kind
    key = models.CharField(max_length=120)  # of the room that made it; with `kind` it exists once
    title = models.CharField(max_length=200)  # plain words, no personal data
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    perm = models.CharField(max_length=60, blank=True)  # a kernel Perm: whoever holds it at `place` owes it
    department = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parts", db_index=False)
    danger = models.SmallIntegerField(choices=Danger, default=Danger.USEFUL)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=14, choices=State, default=State.OPEN)
    basis = models.CharField(max_length=300, blank=True)  # law, plan clause, circular
    detail = models.JSONField(default=dict)  # of the kind's room; no personal data
    delegated_to = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    delegated_until = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    policy = models.JSONField(default=dict)  # {"name": …, "steps": [{"do": …, "at": epoch seconds, "silent": bool}]}
    step = models.SmallIntegerField(default=0)
    reached = models.SmallIntegerField(choices=Reached, default=Reached.NOBODY)
    next_at = models.DateTimeField(null=True)
    superior = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    climbed = ArrayField(models.IntegerField(), default=list)  # posts it has climbed to, so that no chain can loop
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="obligation_once"),
            models.CheckConstraint(
                condition=Q(post__isnull=False, person=None, perm="")
                | Q(post=None, person__isnull=False, perm="")
                | (Q(post=None, person=None) & ~Q(perm="")),
                name="obligation_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, state__in=["open", "accepted"])
                | Q(
                    closed_at__isnull=False, state__in=["done", "not_applicable", "problem", "withdrawn"], next_at=None
                ),
                name="obligation_open_or_closed",
            ),
        ]
        indexes = [
            # the escalation tick
            models.Index(fields=["next_at"], name="obligation_next", condition=Q(next_at__isnull=False)),
            # the to-do: by post held, own, delegated, climbed to, by permission
            models.Index(fields=["post"], name="obligation_post", condition=Q(closed_at=None)),
            models.Index(fields=["person"], name="obligation_person", condition=Q(closed_at=None)),
            models.Index(fields=["delegated_to"], name="obligation_delegated", condition=Q(closed_at=None)),
            models.Index(fields=["superior"], name="obligation_superior", condition=Q(closed_at=None)),
            models.Index(fields=["perm", "place"], name="obligation_perm", condition=Q(closed_at=None) & ~Q(perm="")),
            # a place's open obligations, for the area list and the statistics
            models.Index(fields=["place", "kind"], name="obligation_place", condition=Q(closed_at=None)),
            models.Index(fields=["closed_by", "closed_at"], name="obligation_closed"),  # what I did lately, for undo
            models.Index(fields=["parent"], name="obligation_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["post", "closed_at"], name="obligation_of_post"),  # PROTECT and hand-over
            # a person who is deleted must not cost a look through all obligations, closed ones too
            models.Index(fields=["person"], name="obligation_of_person", condition=Q(person__isnull=False)),
            models.Index(
                fields=["delegated_to"], name="obligation_of_delegate", condition=Q(delegated_to__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class What(models.TextChoices):
    OPENED = "opened", pgettext_lazy("event", "opened")
    REMINDED = "reminded", pgettext_lazy("event", "reminded")
    DEPUTY = "deputy", pgettext_lazy("event", "went to the deputy")
    SUPERIOR = "superior", pgettext_lazy("event", "went to the superior")
    TOP = "top", pgettext_lazy("event", "nobody above could be found")
    ACCEPTED = "accepted", pgettext_lazy("event", "accepted")
    DONE = "done", pgettext_lazy("event", "done")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("event", "not applicable")
    PROBLEM = "problem", pgettext_lazy("event", "problem found")
    UNDONE = "undone", pgettext_lazy("event", "taken back")
    HANDED_OVER = "handed_over", pgettext_lazy("event", "handed over")
    DELEGATED = "delegated", pgettext_lazy("event", "delegated")
    SNOOZED = "snoozed", pgettext_lazy("event", "put off")
    WITHDRAWN = "withdrawn", pgettext_lazy("event", "withdrawn")


class Event(models.Model):
    """What happened to an obligation: appended only. `at` is when it happened, `entered_at` when we learnt of it."""

    obligation = models.ForeignKey(Obligation, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    what = models.CharField(max_length=16, choices=What)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    note = models.CharField(max_length=500, blank=True)
    key = models.UUIDField(null=True)  # of the tap that made it: the same tap sent twice is one

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="event_once", condition=Q(key__isnull=False))]

    def __str__(self) -> str:
        return self.what

    @property
    def shown(self) -> str:
        """The note in words: on the way up it is the cause."""
        return str(Cause(self.note).label) if self.note in Cause.values else self.note

    @property
    def late(self) -> bool:
        """Whether we learnt of it clearly later than it happened."""
        return self.entered_at - self.at > timedelta(minutes=1)


class Superior(models.Model):
    """Whom silence climbs to from a post, where it is not the leader of the next place up (条 beside 块)."""

    post = models.OneToOneField(Post, primary_key=True, on_delete=models.CASCADE, related_name="+")
    superior = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
