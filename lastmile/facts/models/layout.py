"""The workbook in which a superior wants the answer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Place
from lastmile.facts.models.fact import Subject


class Layout(models.Model):
    """A superior's own workbook, and which column, row and cell of it stands for what. Used by any request."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the unit that keeps it
    title = models.CharField(max_length=100)
    filename = models.CharField(max_length=120)
    content = models.BinaryField()  # an empty form without personal data
    sheet = models.CharField(max_length=100)
    subject = models.CharField(max_length=10, choices=Subject, default=Subject.PLACE, db_default=Subject.PLACE)
    # of places: columns {"C": field}, rows {"5": place}, cells {"B2": "@date"};
    # of sites or households: first: the row from which on there is one for each, and columns may also be "@name" …
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=60)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = _("layouts of superiors")

    def __str__(self) -> str:
        return self.title
