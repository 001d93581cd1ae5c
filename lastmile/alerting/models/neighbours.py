"""Neighbours asked before anybody knocks: when (rule, round), which doors (door), who was asked about them (ask)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.codes import Colour
from lastmile.alerting.models.alert import AlertEvent
from lastmile.alerting.models.visit import Whom
from lastmile.community.org.models import Place


class CellRule(models.Model):
    """When heads of cells are asked after a warning of a colour, at a place and below it. No minutes: they are not."""

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    colour = models.SmallIntegerField(choices=Colour)
    minutes = models.PositiveSmallIntegerField()  # after issue
    step = models.PositiveSmallIntegerField()  # minutes of silence until the deputy, and again until the neighbours

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "colour"], name="cell_rule_once")]


class Stage(models.IntegerChoices):
    """What has been done; each is left when the next is due."""

    WAITING = 0, _("not yet asked")
    HEADS = 1, _("heads asked")
    DEPUTIES = 2, _("deputies asked")
    SPLIT = 3, _("silent cells given to neighbouring heads")
    VOLUNTEERS = 4, _("what was left given to volunteers")  # of no round: makes the key of their message


class CellRound(models.Model):
    """A due row: what happens to the cells of a warning next, and when. The rule is frozen here at issue."""

    event = models.OneToOneField(AlertEvent, primary_key=True, on_delete=models.CASCADE, related_name="+")
    whom = models.CharField(max_length=10, choices=Whom)
    stage = models.SmallIntegerField(choices=Stage, default=Stage.WAITING)
    step = models.PositiveSmallIntegerField()  # minutes
    due_at = models.DateTimeField(null=True)  # null: nothing more happens by itself
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="cellround_running", condition=Q(closed_at=None))]


class CellDoor(models.Model):
    """A door that neighbours look after in a warning. `fact` and `closed_at` follow the standings, as of a `Visit`."""

    pk = models.CompositePrimaryKey("event", "household")
    event = models.IntegerField()
    household = models.IntegerField()
    cell = models.IntegerField(null=True)  # null: only a pair looks after it
    place = models.CharField(max_length=15, db_collation="C")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # answered, or the message is over
    fact = models.SmallIntegerField(null=True)
    fact_at = models.DateTimeField(null=True)

    class Meta:
        # the doors of a place for its page and sums; those of a cell for whoever looks after it
        indexes = [
            models.Index(fields=["event", "place"], include=["cell", "closed_at"], name="celldoor_place"),
            models.Index(fields=["event", "cell"], name="celldoor_cell"),
        ]


class CellAsk(models.Model):
    """One person asked about some doors. Whoever is asked about several cells gets one message a step."""

    class Role(models.TextChoices):
        HEAD = "head", _("head of the cell")
        DEPUTY = "deputy", _("deputy of the cell")
        NEAR = "near", _("head of the cell beside")
        PAIR = "pair", _("neighbour of a pair")
        VOLUNTEER = "volunteer", _("volunteer")

    id = models.BigAutoField(primary_key=True)
    event = models.IntegerField()
    place = models.CharField(max_length=15, db_collation="C")
    cell = models.IntegerField(null=True)
    pair = models.IntegerField(null=True)
    person = models.IntegerField()
    role = models.CharField(max_length=10, choices=Role)
    households = ArrayField(models.IntegerField())
    asked_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)  # first answered about one of these doors
    closed_at = models.DateTimeField(null=True)  # took their consent back, or the message is over

    class Meta:
        indexes = [
            models.Index(fields=["event", "person"], name="cellask_person"),
            models.Index(fields=["event", "place"], name="cellask_place"),
        ]
