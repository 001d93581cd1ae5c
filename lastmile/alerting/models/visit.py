"""The doors that the phones have left: when lists are made (rule, round), and a row for each door (visit)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour
from lastmile.alerting.models.alert import AlertEvent
from lastmile.community.org.models import Place


class Whom(models.TextChoices):
    """Which households somebody goes to once the phones have had their time."""

    SILENT = "silent", _("nobody grown has confirmed")
    UNREACHED = "unreached", _("no sign that it arrived")
    NOBODY = "nobody", pgettext_lazy("visits", "nobody is visited")


class Reason(models.TextChoices):
    """Why a household stays, in the words of the field page; anything longer is a sealed note."""

    BELONGINGS = "belongings", _("house, animals or belongings")
    UNFIT = "unfit", _("can't walk or is ill")
    DOUBT = "doubt", _("does not believe it")
    NOWHERE = "nowhere", _("does not want to go there")
    OTHER = "other", pgettext_lazy("reason to stay", "something else")


class VisitRule(models.Model):
    """When and where to knock after a warning of a colour, at a place and below it where no nearer rule stands."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    colour = models.SmallIntegerField(choices=Colour)
    minutes = models.PositiveSmallIntegerField()  # the phones have so long
    whom = models.CharField(max_length=10, choices=Whom)
    volunteers = models.PositiveSmallIntegerField(default=0)  # minutes after the list; 0: they are not asked

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "colour"], name="visit_rule_once")]


class VisitRound(models.Model):
    """A due row: at `due_at` the doors of a warning are listed. The rule is frozen here at issue.

    `opened_at`: since when it has doors; an update takes those of the message before it over at once. `filled_at`: when
    the deadline's own doors were added. `closed_at`: the message is over.
    """

    event = models.OneToOneField(AlertEvent, primary_key=True, on_delete=models.CASCADE, related_name="round")
    due_at = models.DateTimeField()
    whom = models.CharField(max_length=10, choices=Whom)
    opened_at = models.DateTimeField(null=True)
    filled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    doors = models.IntegerField(default=0)  # listed in all
    volunteers = models.PositiveSmallIntegerField(default=0)  # minutes after `opened_at`, as the rule says
    volunteers_at = models.DateTimeField(null=True)  # when those who are left go to volunteers; null: not, or done

    class Meta:
        # what is to be listed, and what has ended
        indexes = [models.Index(fields=["due_at"], name="round_running", condition=models.Q(closed_at=None))]


class Visit(models.Model):
    """A door to knock on. `fact`, the weightiest answer of the household, and `closed_at` follow the standings."""

    pk = models.CompositePrimaryKey("event", "household")
    event = models.IntegerField()
    household = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")  # the grid, or the village where there is none
    priority = models.SmallIntegerField()  # the highest Priority of its members
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # answered, or the message is over
    fact = models.SmallIntegerField(null=True)
    fact_at = models.DateTimeField(null=True)
    knocks = models.SmallIntegerField(default=0, db_default=0)  # times that nobody was there
    reason = models.CharField(max_length=10, choices=Reason, blank=True, default="", db_default="")  # they stay

    class Meta:
        # the doors of a grid, open and closed, for its list and its sums
        indexes = [
            models.Index(fields=["event", "place"], include=["closed_at", "fact", "priority"], name="visit_place")
        ]
