"""Cells and pairs of neighbours. What is over keeps its row with the day it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Place
from lastmile.community.people.models import Household, Person

LEAST, MOST = 5, 10  # households of a cell; fewer only where a grid leaves no other way


class Cell(models.Model):
    """Some households of one grid, known by its number there."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the grid, or the village without any
    number = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        ordering = ["place", "number"]
        constraints = [
            models.UniqueConstraint(fields=["place", "number"], name="cell_once_per_place"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="cell_ends_after_start"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Member(models.Model):
    """A household in a cell, from when to when."""

    id = models.AutoField(primary_key=True)
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="members")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(until=None), name="household_in_one_cell"),
        ]


class Pair(models.Model):
    """A vulnerable resident whom two neighbours look after."""

    id = models.AutoField(primary_key=True)
    resident = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resident"], condition=Q(until=None), name="resident_paired_once"),
        ]


class How(models.TextChoices):
    """The way in which somebody agreed, or took it back."""

    TALK = "talk", _("in person")
    PHONE = "phone", _("by phone")
    PAPER = "paper", _("signed on paper")
    PAGE = "page", _("on their own page")


class Helper(models.Model):
    """Somebody who agreed to look after a cell (head, deputy) or a paired resident, or to go to doors of a place."""

    class Role(models.TextChoices):
        HEAD = "head", _("head of the cell")
        DEPUTY = "deputy", _("deputy of the cell")
        PAIR = "pair", _("neighbour of a pair")
        VOLUNTEER = "volunteer", _("volunteer")

    id = models.AutoField(primary_key=True)
    cell = models.ForeignKey(Cell, null=True, on_delete=models.CASCADE, related_name="helpers")
    pair = models.ForeignKey(Pair, null=True, on_delete=models.CASCADE, related_name="helpers")
    place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+"
    )  # of a volunteer: grid, village
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    agreed_on = models.DateField()
    agreed_how = models.CharField(max_length=5, choices=How)
    noted_by = models.IntegerField(null=True)  # the log-in that wrote the consent down
    noted_name = models.CharField(max_length=60)
    until = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # the consent was taken back, by them or through staff
    withdrawn_how = models.CharField(max_length=5, choices=How, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role="pair", pair__isnull=False, cell=None, place=None)
                | Q(role__in=["head", "deputy"], pair=None, cell__isnull=False, place=None)
                | Q(role="volunteer", pair=None, cell=None, place__isnull=False),
                name="helper_of_one_thing",
            ),
            models.UniqueConstraint(fields=["cell", "role"], condition=Q(until=None), name="one_helper_in_a_role"),
            models.UniqueConstraint(fields=["pair", "person"], condition=Q(until=None), name="helper_once_in_a_pair"),
            models.UniqueConstraint(fields=["place", "person"], condition=Q(until=None), name="volunteer_once_there"),
        ]
        # whose consents these are: their own page, and the round of a warning
        indexes = [models.Index(fields=["person"], name="helper_of", condition=Q(until=None))]

    @property
    def where(self) -> str:
        """The place for whose sake they agreed."""
        if self.cell is not None:
            return self.cell.place_id
        return self.pair.resident.place_id if self.pair is not None else self.place_id or ""


class Arrangement(models.Model):
    """How the households of a place were divided before a change, so that it can be undone."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=60)
    before = models.JSONField()  # {household: number of the cell}
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
