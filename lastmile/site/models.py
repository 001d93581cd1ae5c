"""What the front door itself remembers: which scenarios were played, and what was shown in them."""

from __future__ import annotations

from django.db import models

from lastmile.alerting.models import AlertEvent


class ScenarioRun(models.Model):
    """A real event played again as an exercise. `frames` is what the pages said, by minute; it names no person."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=40, unique=True)
    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="+")  # its last message
    frames = models.JSONField()
    played_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
