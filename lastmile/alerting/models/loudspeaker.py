"""What terminals are to play, a row for each and each message, moved when it is due; what they reported, appended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Terminal


class TerminalState(models.Model):
    """The last state that a terminal has told. `state_at` is its own time and orders them, `seen_at` is ours."""

    terminal = models.OneToOneField(Terminal, primary_key=True, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=40, blank=True)
    state_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    online = models.BooleanField(default=False)
    volume = models.PositiveSmallIntegerField(default=0)
    playing = models.CharField(max_length=40, blank=True)
    power = models.CharField(max_length=20, blank=True)
    battery = models.PositiveSmallIntegerField(null=True)
    firmware = models.CharField(max_length=40, blank=True)


class PlayKind(models.TextChoices):
    WARNING = "warning", _("warning")
    CLEAR = "clear", _("all-clear")
    STOP = "stop", _("stop")
    TEST = "test", _("test")


class PlayState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("terminal", "not told yet")
    SENT = "sent", pgettext_lazy("terminal", "told, no answer")
    PLAYING = "playing", pgettext_lazy("terminal", "playing")
    PLAYED = "played", pgettext_lazy("terminal", "played")
    FAILED = "failed", pgettext_lazy("terminal", "failed")
    STOPPED = "stopped", pgettext_lazy("terminal", "stopped")
    SILENT = "silent", pgettext_lazy("terminal", "stayed silent")  # it is over, and it never began


class Play(models.Model):
    """One message for one terminal. Each round has the next `serial`; `due_at` is when it is told, or told again.

    `place` is the terminal's when it was opened. `quiet` are the hours in which it is not told, empty: it may be woken.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(AlertEvent, null=True, on_delete=models.CASCADE, related_name="+")
    root = models.IntegerField(default=0)  # the warning it belongs to (AlertEvent.warning)
    terminal = models.ForeignKey(Terminal, on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.CharField(max_length=15, db_collation="C")
    kind = models.CharField(max_length=10, choices=PlayKind)
    priority = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    brief = models.CharField(max_length=500, blank=True)  # for screens, before it is cut to their letters
    volume = models.PositiveSmallIntegerField(default=0)
    repeats = models.PositiveSmallIntegerField(default=1)
    exercise = models.BooleanField(default=False)
    quiet = models.JSONField(default=list)  # ["22:00", "07:00"]
    every = models.PositiveIntegerField(default=0)  # seconds between two rounds; 0: once
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PlayState, default=PlayState.WAITING)
    serial = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)  # of this round
    due_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # first handed to the broker
    first_at = models.DateTimeField(null=True)  # began for the first time
    last_at = models.DateTimeField(null=True)  # last finished
    rounds = models.PositiveIntegerField(default=0)  # played to the end
    seconds = models.FloatField(default=0.0)
    reason = models.CharField(max_length=100, blank=True)
    owed = models.BooleanField(default=False)  # somebody was asked to look at it
    by = models.IntegerField(null=True)  # the log-in that asked for it by hand

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "terminal", "kind"],
                name="play_once_per_event",
                condition=models.Q(kind__in=["warning", "clear"]),
            )
        ]
        # what is due; the page of a warning; the history of a terminal; who has been silent
        indexes = [
            models.Index(fields=["priority", "due_at"], name="play_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["event", "place"], name="play_event_place"),
            models.Index(fields=["terminal", "-id"], name="play_terminal"),
        ]


class PlayReport(models.Model):
    """What a terminal reported of one round; appended once, never changed."""

    id = models.BigAutoField(primary_key=True)
    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="reports", db_index=False)
    serial = models.PositiveIntegerField()
    stage = models.CharField(max_length=10)
    at = models.DateTimeField()  # by the terminal's clock
    entered_at = models.DateTimeField()
    seconds = models.FloatField(default=0.0)
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "serial", "stage"], name="play_report_once")]


class Speech(models.Model):
    """A text spoken once: attention tone and speech, fetched by terminals; thrown away after a month of no use."""

    digest = models.CharField(primary_key=True, max_length=64)  # of voice and text
    wav = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    seconds = models.FloatField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField()


class TerminalHub(models.Model):
    """Which worker speaks with the broker; whoever holds it says so again before `until`."""

    name = models.CharField(primary_key=True, max_length=10)
    holder = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField()
    connected_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
