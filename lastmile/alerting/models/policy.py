"""Which channels a warning uses, by place, hazard, colour and time of day, and which one for the vulnerable."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from lastmile.alerting.codes import Colour


class ChannelRule(models.Model):
    """A rule of a county or city for all below it. The nearest one counts; there the hazard, then the time of day."""

    class When(models.TextChoices):
        ANY = "any", pgettext_lazy("channel rule", "at any time")
        DAY = "day", pgettext_lazy("channel rule", "by day (6–22)")
        NIGHT = "night", pgettext_lazy("channel rule", "at night (22–6)")

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey("org.Place", on_delete=models.PROTECT, related_name="+")
    hazard = models.CharField(max_length=20, blank=True)  # "" is every hazard
    colour = models.SmallIntegerField(choices=Colour)
    when = models.CharField(max_length=5, choices=When, default=When.ANY)
    channels = models.JSONField(default=list)  # names, in the order of trying
    frail = models.CharField(max_length=20, blank=True)  # the channel on which the vulnerable are told first

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "colour", "hazard", "when"], name="channel_rule_once")]
        ordering = ["place", "colour", "hazard", "when"]

    def __str__(self) -> str:
        return f"{self.place_id} {self.hazard or '*'} {self.colour} {self.when}"
