"""How many messages people got, counted by the workers: pages read sums and never touch a person."""

from __future__ import annotations

from django.db import models


class MessageMonth(models.Model):
    """A month that was counted, and up to which batch."""

    month = models.DateField(primary_key=True)  # its first day, in Beijing
    counted_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)  # of the last batch that is in it

    def __str__(self) -> str:
        return self.month.isoformat()


class MessageShare(models.Model):
    """People of one place who got so many messages in a month; `messages` above the last bar are in that one."""

    pk = models.CompositePrimaryKey("month", "place", "messages")
    month = models.DateField()
    place = models.CharField(max_length=15, db_collation="C")
    messages = models.SmallIntegerField()
    people = models.IntegerField()
    total = models.IntegerField()  # messages of these people, exactly


class MessageSource(models.Model):
    """Messages to one place in a month from one issuing place, by colour and kind."""

    pk = models.CompositePrimaryKey("month", "place", "sender", "colour", "status", "kind")
    month = models.DateField()
    place = models.CharField(max_length=15, db_collation="C")
    sender = models.CharField(max_length=15, db_collation="C")
    colour = models.SmallIntegerField()
    status = models.CharField(max_length=10)  # Actual, Exercise, Test
    kind = models.CharField(max_length=10)  # models.Kind
    messages = models.IntegerField()
