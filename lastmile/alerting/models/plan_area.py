"""An area that a plan names: who lives there must go where, and who answers for it, before any warning is written."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.codes import Hazard
from lastmile.community.org.models import Place, Post


class PlanArea(models.Model):
    """`area` is what `audience` reads: whole places and drawn polygons, inside `place`, whose plan it is.

    `shelters` are keys of the register of shelters, which is a room above; `destination` says the rest in words.
    """

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    hazard = models.CharField(max_length=20, choices=[("", _("every hazard")), *Hazard.choices], blank=True, default="")
    area = models.JSONField()
    shelters = ArrayField(models.IntegerField(), default=list, blank=True)
    destination = models.CharField(max_length=200, blank=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")  # who answers for it
    basis = models.CharField(max_length=200, blank=True)  # which plan says so, and where in it
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"],
                name="plan_area_once_per_place",
                violation_error_message=_("There is already a plan area of this name here."),
            )
        ]

    def __str__(self) -> str:
        return self.name
