"""What is known: a field is defined once, its values are appended."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.models import Household


class FieldType(models.TextChoices):
    WHOLE = "whole", _("whole number")
    DECIMAL = "decimal", _("number with decimals")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one of several")
    DATE = "date", _("date")
    TEXT = "text", _("text")


class Subject(models.TextChoices):
    """What a fact is about."""

    PLACE = "place", _("a place")
    SITE = "site", _("a special site")
    HOME = "household", _("a household")


class Definition(models.Model):
    """A field that people enter, beside those that come with the system. Never deleted: retired."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=60, unique=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the unit that defined it
    label = models.CharField(max_length=60)
    plain = models.CharField(max_length=60)  # the label without spaces and punctuation: the same question found again
    unit = models.CharField(max_length=20, blank=True)
    type = models.CharField(max_length=10, choices=FieldType)
    choices = ArrayField(models.CharField(max_length=40), default=list)
    subject = models.CharField(max_length=10, choices=Subject)
    level = models.SmallIntegerField(choices=Level)  # of the places it is entered at; a site's or household's village
    owner = models.CharField(max_length=20, choices=Post.Kind)  # the post that knows it
    department = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=100, blank=True)
    validity_days = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = _("fields of the dictionary")
        constraints = [
            # two people who define the same at the same moment make one
            models.UniqueConstraint(
                fields=["plain", "subject", "level"], condition=models.Q(retired_at=None), name="field_defined_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


class Via(models.TextChoices):
    """The way on which a value came in."""

    PAGE = "page", _("page")
    REQUEST = "request", _("answer to a request")
    CHAIN = "chain", _("chat chain")
    SHEET = "sheet", _("workbook")
    API = "api", _("program")


class Entry(models.Model):
    """One value of one field at one time: appended, never changed. A trigger refuses UPDATE and DELETE.

    The place is its code alone: what was true of a grid stays on record when the grid is retired. What was said of a
    household is personal and goes when the household is deleted.
    """

    id = models.BigAutoField(primary_key=True)
    field = models.CharField(max_length=60)  # a name of the dictionary
    place = models.CharField(max_length=15, db_collation="C")
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Household, null=True, on_delete=models.CASCADE, related_name="+")
    value = models.TextField()  # as facts.values writes it
    as_of = models.DateField()
    source = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=10, choices=Via)
    entered_at = models.DateTimeField()
    entered_by = models.IntegerField(null=True)  # a log-in's key
    entered_by_name = models.CharField(max_length=60)

    class Meta:
        verbose_name_plural = _("facts")
        # the latest value of some fields at some places; the history of one
        indexes = [models.Index(fields=["place", "field", "site", "home", "-as_of", "-id"], name="fact_latest")]

    def __str__(self) -> str:
        return f"{self.field} {self.place}"
