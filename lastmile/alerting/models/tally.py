"""What the ledger adds up to. Everything here can be thrown away and counted again from receipts and manifests.

Who stands how (Standing, one row per person who has any receipt), sums by grid (Tally, ChannelTally) and over time
(Curve), kept by `fold`. The Pending tables are filled by triggers in the transaction that writes a receipt or settles
a manifest, and emptied by the fold: what is in them is exactly what has not been counted.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

NEEDS_HELP = 7  # Fact.NEEDS_HELP
BUCKET = 10  # seconds of one step of the curve


def _names() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=20), default=list)


class Standing(models.Model):
    """What is known of one person in one event. `fact` is the strongest, then latest, answer that still stands."""

    pk = models.CompositePrimaryKey("event", "person")
    event = models.IntegerField()
    person = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")  # of the manifest; of the person where none lists them
    listed = models.BooleanField()  # whether a manifest of the event has this person
    household = models.IntegerField(null=True)  # for whose door this stands; null for children, and staff at a post
    vulnerable = models.BooleanField()
    fact = models.SmallIntegerField(null=True)
    fact_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(
        null=True
    )  # the first sign that it arrived: a report, an opened link, an answer
    read_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # the first answer that still stands
    delivered_by = _names()  # channels, by their reports
    failed_by = _names()
    answered_by = _names()

    class Meta:
        # the answers of a place, for its household list and its curve
        indexes = [
            models.Index(fields=["event", "place"], name="standing_place"),
            # what the grown members of a household have said
            models.Index(
                fields=["event", "household"], name="standing_door", condition=models.Q(household__isnull=False)
            ),
            # who needs help, on top of every live page
            models.Index(fields=["event", "place"], name="standing_help", condition=models.Q(fact=NEEDS_HELP)),
            # and, in a city of which many thousands do, the first of them in the order shown
            models.Index(
                "event",
                models.F("vulnerable").desc(),
                "fact_at",
                "place",
                name="standing_first",
                condition=models.Q(fact=NEEDS_HELP),
            ),
            # who answered without being listed, and may be listed by the next hand-over
            models.Index(fields=["event"], name="standing_unlisted", condition=models.Q(listed=False)),
        ]


class Tally(models.Model):
    """People of one place (mostly a grid) in one event, the vulnerable ones in a row of their own."""

    pk = models.CompositePrimaryKey("event", "place", "vulnerable")
    event = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    vulnerable = models.BooleanField()
    people = models.IntegerField(default=0)  # listed in manifests, each once
    told = models.IntegerField(default=0)  # of them, accepted by at least one gateway
    reachable = models.IntegerField(default=0, db_default=0)  # of the people, those with a channel
    batches = models.IntegerField(default=0, db_default=0)  # rows of the ledger that people and reachable stand for
    extra = models.IntegerField(default=0)  # with receipts, but listed nowhere
    delivered = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)  # a report says no, and no sign says yes
    opened = models.IntegerField(default=0)
    confirmed = models.IntegerField(default=0)  # or better: safe, moved, needs help, refused
    safe = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)
    needs_help = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    absent = models.IntegerField(default=0)
    unreachable = models.IntegerField(default=0)
    # Households, only in the row of those not vulnerable: all, and those of which a grown member was told, is reached
    # or has confirmed.
    doors = models.IntegerField(default=0, db_default=0)
    doors_told = models.IntegerField(default=0, db_default=0)
    doors_reachable = models.IntegerField(default=0, db_default=0)  # a grown member has a channel
    doors_delivered = models.IntegerField(default=0, db_default=0)
    doors_confirmed = models.IntegerField(default=0, db_default=0)


class ChannelTally(models.Model):
    """People of one place on one channel: how far the hand-over came, and what came back on it."""

    pk = models.CompositePrimaryKey("event", "place", "channel")
    event = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    channel = models.CharField(max_length=20)
    people = models.IntegerField(default=0)
    told = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)  # not tried yet, being handed over, or to be tried again
    rejected = models.IntegerField(default=0)  # refused by the gateway for good
    unknown = models.IntegerField(default=0)
    no_contact = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    fallback = models.IntegerField(default=0, db_default=0)  # of the people: on this channel because another one failed
    delivered = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)


class Curve(models.Model):
    """How many were first reached, and first confirmed, in each step of time after issue, by township."""

    pk = models.CompositePrimaryKey("event", "place", "step")
    event = models.IntegerField()
    place = models.CharField(max_length=9, db_collation="C")
    step = models.IntegerField()  # whole BUCKETs since issue
    delivered = models.IntegerField(default=0)
    confirmed = models.IntegerField(default=0)
    doors_delivered = models.IntegerField(default=0, db_default=0)
    doors_confirmed = models.IntegerField(default=0, db_default=0)


class Failure(models.Model):
    """A channel that failed for good for one listed person: refused, given up, or reported as not delivered.

    Noted by the fold, worked off once by `fallback`. `permanent` says that the number or address itself is wrong.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.IntegerField()
    person = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    channel = models.CharField(max_length=20)
    wave = models.SmallIntegerField()
    permanent = models.BooleanField()
    receipt = models.BigIntegerField(null=True)  # the report that says so; null: the gateway refused at once
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "channel", "person", "wave"], name="failure_once")]
        # what is to be worked off
        indexes = [models.Index(fields=["id"], name="failure_open", condition=models.Q(handled_at=None))]


class PendingReceipt(models.Model):
    receipt = models.BigIntegerField(primary_key=True)


class PendingPlace(models.Model):
    """A place of an event whose manifests changed. Appended without a unique key, so that writers never wait."""

    id = models.BigAutoField(primary_key=True)
    event = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
