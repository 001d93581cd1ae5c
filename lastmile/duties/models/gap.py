"""What the gap radar remembers: sums per village, how they changed by day, and the limits places set themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lastmile.community.org.models import Place


class GapSum(models.Model):
    """How many gaps of a rule lie in a village, or at a higher place itself; none where there is no row.

    `place` is a code of at most 12 digits without a foreign key: rows are rewritten all the time, in thousands.
    """

    rule = models.CharField(max_length=40)
    place = models.CharField(max_length=12, db_collation="C")
    n = models.IntegerField()

    class Meta:
        # sums of all rules under a place
        constraints = [models.UniqueConstraint(fields=["place", "rule"], name="gap_sum_once")]


class GapChange(models.Model):
    """By how much a sum changed on a day (in Beijing). Adding up gives the sum of any day under any place."""

    day = models.DateField()
    rule = models.CharField(max_length=40)
    place = models.CharField(max_length=12, db_collation="C")
    delta = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "rule", "day"], name="gap_change_once")]


class GapRun(models.Model):
    """The one due row of the sums: when they were last made for the whole area, and when they are made next."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    done_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="gap_run_is_one")]


class GapLimit(models.Model):
    """The number a place set for a rule with a limit, for itself and everything below."""

    rule = models.CharField(max_length=40)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "place"], name="gap_limit_once")]
