"""叫应: which posts must answer a warning, how far each has come, who was called when, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Level, Place, Post
from lastmile.kernel.fields import SealedField

EVERY = 0  # of a ladder: every colour, every level


class CallState(models.TextChoices):
    """The first five climb until somebody confirms; the next three see to it that it is passed on."""

    WAITING = "waiting", pgettext_lazy("call", "about to be called")  # or held back until the quiet hours are over
    CALLING = "calling", pgettext_lazy("call", "being called")
    DEPUTY = "deputy", pgettext_lazy("call", "deputy is being called")
    SUPERIOR = "superior", pgettext_lazy("call", "superior is being called by name")
    DOOR = "door", pgettext_lazy("call", "somebody must go there")
    CONFIRMED = "confirmed", pgettext_lazy("call", "confirmed, passing on is open")
    ASKED = "asked", pgettext_lazy("call", "asked again: nothing followed")
    RAISED = "raised", pgettext_lazy("call", "superior is told that nothing followed")
    DONE = "done", pgettext_lazy("call", "confirmed and passed on")
    STOPPED = "stopped", pgettext_lazy("call", "ended with the warning")


SILENT = (CallState.WAITING, CallState.CALLING, CallState.DEPUTY, CallState.SUPERIOR, CallState.DOOR)
OVER = (CallState.DONE, CallState.STOPPED)


class Call(models.Model):
    """One post that must answer one warning. Two clocks run side by side: `confirmed_at` against `confirm_due`,
    `relayed_at` against `relay_due`. `due_at` is when it moves next by itself; null: by an answer only.

    `person`, `deputy` and `superior` are the people last seen in these parts, the latter two once they were called.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        AlertEvent, on_delete=models.CASCADE, related_name="calls", db_index=False, db_constraint=False
    )  # no constraints: they are checked row by row, half the time of an issue with 20,000 posts
    root = models.IntegerField()  # the first event of the warning: what is owed goes on through its updates
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    place = models.CharField(max_length=15, db_collation="C")  # of the post
    rule = models.SmallIntegerField()  # which entry of AlertEvent.ladder it climbs
    priority = models.SmallIntegerField()  # higher is called first: colour, level, danger below
    state = models.CharField(max_length=10, choices=CallState, default=CallState.WAITING)
    resumes = models.CharField(
        max_length=10, choices=CallState, default=CallState.CALLING
    )  # where an undo goes back to
    step = models.SmallIntegerField(default=0)  # times called on this rung
    since = models.DateTimeField()  # when this rung began
    due_at = models.DateTimeField(null=True)
    person = models.IntegerField(null=True)
    deputy = models.IntegerField(null=True)
    deputy_at = models.DateTimeField(null=True)
    superior = models.IntegerField(null=True)
    superior_post = models.IntegerField(null=True)
    superior_at = models.DateTimeField(null=True)
    woken = models.BooleanField(default=False, db_default=False)  # somebody of the place has decided: no quiet hours
    why = models.CharField(max_length=12, blank=True)  # why a rung was skipped: vacant, away, no_contact
    confirm_due = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.IntegerField(null=True)  # the person who answered
    confirmed_via = models.CharField(max_length=20, blank=True)
    relay_due = models.DateTimeField(null=True)  # null: there is nobody below to be told
    relayed_at = models.DateTimeField(null=True)
    relayed_via = models.CharField(max_length=20, blank=True)  # below: seen by the system; else as they said it
    taken_at = models.DateTimeField(null=True)  # somebody looks after it by hand
    taken_by = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.IntegerField(null=True)  # the log-in that issued the warning, or started the calls
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "post"], name="call_once")]
        indexes = [
            # the tick: what is due, the most urgent first
            models.Index(fields=["due_at", "-priority"], name="call_due", condition=Q(due_at__isnull=False)),
            # the board and everything about the calls below a place
            models.Index(fields=["event", "place"], name="call_place"),
            # what ends with its warning
            models.Index(fields=["event"], name="call_open", condition=~Q(state__in=["done", "stopped"])),
            # whose answers concern which call
            models.Index(fields=["event", "person"], name="call_person"),
            models.Index(fields=["event", "deputy"], name="call_deputy", condition=Q(deputy__isnull=False)),
            models.Index(fields=["event", "superior"], name="call_superior", condition=Q(superior__isnull=False)),
        ]

    @property
    def silent(self) -> bool:
        return self.state in SILENT


class Role(models.TextChoices):
    """What somebody is called for."""

    HOLDER = "holder", pgettext_lazy("call", "holder")
    DEPUTY = "deputy", pgettext_lazy("call", "deputy")
    SUPERIOR = "superior", pgettext_lazy("call", "superior, about somebody silent")
    ASK = "ask", pgettext_lazy("call", "whether it was passed on")
    RAISE = "raise", pgettext_lazy("call", "superior, about what was not passed on")
    MESSAGE = "message", pgettext_lazy("call", "message from the command post")
    CELL = "cell", pgettext_lazy("call", "neighbour, about the doors they look after")  # no calls: CellAsk has them
    WALK = "walk", pgettext_lazy("call", "whoever walks to the doors of a grid")  # no calls: the doors are visits


OF_DOORS = (Role.CELL, Role.WALK)  # messages about doors, of no post that must answer


class AttemptState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("call attempt", "waiting to go out")
    SENDING = "sending", pgettext_lazy("call attempt", "being handed over")
    ACCEPTED = "accepted", pgettext_lazy("call attempt", "accepted by the gateway")
    CARRIED = "carried", pgettext_lazy("call attempt", "the warning's own message")
    REFUSED = "refused", pgettext_lazy("call attempt", "refused for good")
    UNKNOWN = "unknown", pgettext_lazy("call attempt", "outcome unknown")
    SKIPPED = "skipped", pgettext_lazy("call attempt", "not made: no longer needed")


class CallAttempt(models.Model):
    """One call or message to one person, for one or several calls: who holds two posts, or must hear of three silent
    people, is called once. `number` makes its idempotency key; nothing is changed once it is settled but `result`.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        AlertEvent, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    calls = ArrayField(models.BigIntegerField())
    person = models.IntegerField()
    role = models.CharField(max_length=10, choices=Role)
    channel = models.CharField(max_length=20)
    number = models.SmallIntegerField()
    priority = models.SmallIntegerField()
    text = SealedField(label="callattempt.text", null=True)  # what a command post wrote; null: made from the warning
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.WAITING)
    due_at = models.DateTimeField(null=True)  # null: settled
    tries = models.SmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    line_until = models.DateTimeField(null=True)  # a telephone line is taken until it is reported, at most until then
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    result = models.CharField(max_length=10, blank=True)  # of a telephone call, as ringing.Ended has it
    result_at = models.DateTimeField(null=True)
    # by whose account it leaves: the nearest one of the place; 0 is the installation's own
    place = models.CharField(max_length=15, db_collation="C", default="", db_default="")
    account = models.IntegerField(default=0, db_default=0)
    parts = models.SmallIntegerField(default=0, db_default=0)  # what the far side has accepted is billed by

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "person", "channel", "number"], name="callattempt_once")
        ]
        indexes = [
            # the claim: the most urgent open attempt of a channel
            models.Index(
                fields=["channel", "-priority", "id"], name="callattempt_open", condition=Q(due_at__isnull=False)
            ),
            # lines in use
            models.Index(fields=["channel", "person"], name="callattempt_line", condition=Q(line_until__isnull=False)),
        ]


class What(models.TextChoices):
    OPENED = "opened", pgettext_lazy("call entry", "must answer")
    CARRIED = "carried", pgettext_lazy("call entry", "stands as under the earlier message")
    CALLED = "called", pgettext_lazy("call entry", "called")
    SKIPPED = "skipped", pgettext_lazy("call entry", "could not be called")
    DEPUTY = "deputy", pgettext_lazy("call entry", "went to the deputy")
    SUPERIOR = "superior", pgettext_lazy("call entry", "went to the superior")
    DOOR = "door", pgettext_lazy("call entry", "somebody is sent to the door")
    CONFIRMED = "confirmed", pgettext_lazy("call entry", "confirmed")
    ASKED = "asked", pgettext_lazy("call entry", "asked again: nothing followed")
    RAISED = "raised", pgettext_lazy("call entry", "superior told that nothing followed")
    RELAYED = "relayed", pgettext_lazy("call entry", "passed on")
    UNDONE = "undone", pgettext_lazy("call entry", "taken back")
    TAKEN = "taken", pgettext_lazy("call entry", "taken over")
    REACHED = "reached", pgettext_lazy("call entry", "their superior says that they know")
    NOTE = "note", pgettext_lazy("call entry", "note")
    AGAIN = "again", pgettext_lazy("call entry", "called by the command post")
    STOPPED = "stopped", pgettext_lazy("call entry", "ended with the warning")


class CallEntry(models.Model):
    """One line of the evidence; appended, never changed: a trigger of the database refuses it."""

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="entries", db_constraint=False)
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    what = models.CharField(max_length=10, choices=What)
    person = models.IntegerField(null=True)
    role = models.CharField(max_length=10, choices=Role, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    attempt = models.BigIntegerField(null=True)
    by = models.IntegerField(null=True)  # the log-in, where one did it
    why = models.CharField(max_length=20, blank=True)
    note = SealedField(label="callentry.note", null=True)

    class Meta:
        ordering = ["id"]


class Ladder(models.Model):
    """How silence climbs at a place and below it, for one hazard, colour and level; `rules` is what `cascade.rules`
    reads. Empty hazard and 0 mean every one. The nearest place wins, then what is more exact.
    """

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    hazard = models.CharField(max_length=20, choices=[("", _("every hazard")), *Hazard.choices], blank=True)
    colour = models.SmallIntegerField(choices=[(EVERY, _("every colour")), *Colour.choices], default=EVERY)
    level = models.SmallIntegerField(choices=[(EVERY, _("every level")), *Level.choices], default=EVERY)
    rules = models.JSONField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["place", "hazard", "colour", "level"]
        constraints = [models.UniqueConstraint(fields=["place", "hazard", "colour", "level"], name="ladder_once")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.hazard} {self.colour} {self.level}"
