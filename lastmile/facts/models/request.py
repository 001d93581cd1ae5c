"""What a superior wants to know, what of it had to be asked, and of whom."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts.models.fact import Entry, Subject


class Request(models.Model):
    """A table of fields × places that a unit asks for. Its fields are frozen as they were defined."""

    class State(models.TextChoices):
        REFUSED = "refused", _("refused: all is known")
        OPEN = "open", _("being answered")
        ANSWERED = "answered", _("answered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=100)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the unit that asks
    department = models.CharField(max_length=100, blank=True)
    basis = models.CharField(max_length=200)  # law, plan, circular: by what right it is asked
    reason = models.CharField(max_length=200)  # what the answer is needed for
    subject = models.CharField(max_length=10, choices=Subject)
    level = models.SmallIntegerField(choices=Level)  # of the rows
    under = ArrayField(models.CharField(max_length=15))
    fields = models.JSONField()  # frozen dictionary entries, in the order of the columns
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State)
    created_at = models.DateTimeField()
    created_by = models.IntegerField(null=True)
    created_by_name = models.CharField(max_length=60)
    closed_at = models.DateTimeField(null=True)
    asked = models.PositiveIntegerField(default=0)  # cells, counted at registration
    known = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    joined = models.PositiveIntegerField(default=0)
    minutes = models.FloatField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = _("requests")

    def __str__(self) -> str:
        return self.title

    @property
    def by(self) -> str:
        """Who asks, as people say it."""
        return f"{self.place.name} {self.department}".strip()

    @property
    def is_sealed(self) -> bool:
        """Whether it has columns with personal fields: masked, and opened only for a reason."""
        return any(one.get("sealed") for one in self.fields)

    def field(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(field for field in self.fields if field["name"] == name)
        return found


class Ask(models.Model):
    """What one post has to answer for one request: one page, one obligation."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        ANSWERED = "answered", _("answered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.AutoField(primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="asks")
    place = models.CharField(max_length=15, db_collation="C")
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")
    minutes = models.FloatField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    draft = models.JSONField(default=dict)  # what is typed and not sent yet, by cell

    class Meta:
        verbose_name_plural = _("asked of a post")
        # open questions of a place; those of one request
        indexes = [models.Index(fields=["place", "state"], name="ask_place")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.place}"


class Cell(models.Model):
    """One field at one row of a request: how it came to be answered, or whom it waits for."""

    class State(models.TextChoices):
        KNOWN = "known", _("known already")
        REPEATED = "repeated", _("asked within 90 days")
        JOINED = "joined", _("asked already, the answer will serve both")
        ASKED = "asked", _("waiting for an answer")
        ANSWERED = "answered", _("answered")
        UNKNOWN = "unknown", _("cannot be said")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="cells")
    ask = models.ForeignKey(Ask, null=True, on_delete=models.SET_NULL, related_name="cells")  # waits for this one
    field = models.CharField(max_length=60)
    place = models.CharField(max_length=15, db_collation="C")
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Household, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    was_asked = models.BooleanField(default=False)  # somebody had to answer it for this request
    value = models.TextField(blank=True)
    as_of = models.DateField(null=True)
    words = models.CharField(max_length=200, blank=True)  # why it can't be said
    entry = models.ForeignKey(Entry, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()  # when it was put

    class Meta:
        verbose_name_plural = _("fields asked")
        indexes = [
            # was this asked within 90 days; which cells does a new fact answer
            models.Index(fields=["place", "field"], name="cell_asked", condition=models.Q(was_asked=True)),
            models.Index(
                fields=["place", "field"], name="cell_waits", condition=models.Q(state__in=["asked", "joined"])
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "field", "place", "site", "home"], name="cell_once", nulls_distinct=False
            ),
            # two requests in the same moment can't both ask
            models.UniqueConstraint(
                fields=["field", "place", "site", "home"],
                condition=models.Q(state="asked"),
                name="cell_asked_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.place}"

    @property
    def of(self) -> str:
        """The special site or the door it is about; empty for the place itself."""
        return self.site.name if self.site else self.home.number if self.home else ""


class Burden(models.Model):
    """What one request cost one place, counted when it was registered: a line of the public ledger."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, db_collation="C")
    week = models.DateField()  # its Monday
    fields = models.PositiveIntegerField()  # asked of people there
    minutes = models.FloatField()
    spared = models.PositiveIntegerField()  # answered from what was known, asked before, or asked for another

    class Meta:
        verbose_name_plural = _("burden ledger")
        # the ledger of some weeks under a place, read from the index alone: a city's week is 40,000 lines
        indexes = [
            models.Index(
                fields=["week", "place"], include=["request", "fields", "minutes", "spared"], name="burden_lines"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.week}"
