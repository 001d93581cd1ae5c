"""Where people go, who was told to go there, and who came.

A shelter is a building in the register. A warning in force opens it (Opening); an officer sends people there (Order);
for every person in it there is one Stay, and every tap about a person is a Move, appended once. `incident` is the first
issue of a warning: updates of it go on with the same people.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Place, Post, SpecialSite
from lastmile.community.people.models import Household, Person
from lastmile.kernel.fields import SealedField


class Equipment(models.TextChoices):
    WHEELCHAIR = "wheelchair", _("wheelchair access")
    MEDICAL = "medical", _("medical post")
    INFANTS = "infants", _("room for infants")
    KITCHEN = "kitchen", _("kitchen")
    POWER = "power", _("own power")


class Shelter(models.Model):
    """A building or ground that can take people in. `area` is whose people come here."""

    class Kind(models.TextChoices):
        SCHOOL = "school", _("school")
        STADIUM = "stadium", _("stadium or gymnasium")
        HALL = "hall", _("community hall or village office")
        PARK = "park", _("park or open ground")
        HOTEL = "hotel", _("hotel or guest house")
        SUBWAY = "subway", _("civil defence shelter")
        OTHER = "other", _("other")

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # where it stands: grid or village
    area = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # whose people come: village … county
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    capacity = models.PositiveIntegerField()  # people
    equipment = ArrayField(models.CharField(max_length=12, choices=Equipment), default=list)
    keeper = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")  # who opens it
    contact = models.CharField(max_length=60, blank=True)  # the office's number, nobody's own
    notes = models.TextField(blank=True)
    closed_on = models.DateField(null=True)  # out of service for good

    class Meta:
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"],
                name="shelter_once_per_place",
                violation_error_message=_("There is already a shelter of this name here."),
            ),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="shelter_takes_somebody"),
        ]

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """A shelter taking people in during one warning. `held` counts the places that are taken or kept for somebody.

    It is moved only by actions.room, in the statement that asks whether there is room: two officers can't give away
    the same place. It may rise above `places` only by people who stand at the door.
    """

    id = models.AutoField(primary_key=True)
    shelter = models.ForeignKey(Shelter, on_delete=models.PROTECT, related_name="openings")
    incident = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="+")
    places = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)  # what stays when the names are gone

    class Meta:
        ordering = ["shelter__place", "shelter__name"]
        constraints = [models.UniqueConstraint(fields=["shelter", "incident"], name="opened_once_per_incident")]

    def __str__(self) -> str:
        return str(self.shelter)

    @property
    def free(self) -> int:
        """Negative when more came than it has places."""
        return self.places - self.held


class Order(models.Model):
    """Who was told to go where, and by which way. Changed by a new one, never rewritten."""

    class State(models.TextChoices):
        LIVE = "live", _("in force")
        CHANGED = "changed", _("changed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.AutoField(primary_key=True)
    incident = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="+")
    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="orders")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # the grid or village they leave
    household = models.ForeignKey(Household, null=True, on_delete=models.SET_NULL, related_name="+")  # only this door
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.SET_NULL, related_name="+")  # only this site
    people = models.PositiveIntegerField()  # when it was given
    route = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    reason = models.CharField(max_length=200, blank=True)  # why it was changed or withdrawn
    after = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")  # the one it changes
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["incident", "place"], name="order_place")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Where(models.TextChoices):
    """Where somebody is who is not in a shelter."""

    RELATIVES = "relatives", _("with relatives or friends")
    HOTEL = "hotel", _("in a hotel or rented room")
    HOSPITAL = "hospital", _("in hospital")
    OTHER = "other", _("somewhere else, known to us")
    HOME = "home", _("at home")
    UNKNOWN = "unknown", _("left without saying where to")


class Stay(models.Model):
    """One person in one incident (or a whole special site, or a family in no list): where they are, by the last move.

    Missing are those `ordered` who are expected or left; of a site, those of `heads` who have not come.
    """

    class State(models.TextChoices):
        EXPECTED = "expected", _("not there yet")
        IN = "in", _("checked in")
        ELSEWHERE = "elsewhere", _("elsewhere")
        LEFT = "left", _("left")
        HOME = "home", _("back home")
        WITHDRAWN = "withdrawn", _("need not go")

    HOLDS = ("expected", "in")  # states that hold a place

    id = models.BigAutoField(primary_key=True)
    incident = models.ForeignKey(AlertEvent, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="stays")
    opening = models.ForeignKey(Opening, null=True, on_delete=models.PROTECT, related_name="stays")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, db_collation="C")  # where they live; of a stranger, where the shelter is
    heads = models.PositiveIntegerField(default=1)
    came = models.PositiveIntegerField(default=0)  # of the heads, when checked in
    ordered = models.BooleanField(default=False)
    vulnerable = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State)
    where = models.CharField(max_length=10, choices=Where, blank=True)
    at = models.DateTimeField()  # when it happened
    name = SealedField(label="stay.name", null=True)  # of who is in no list
    phone = SealedField(label="stay.phone", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="one_stay_a_person"),
            models.UniqueConstraint(
                fields=["incident", "site"], name="one_stay_a_site", condition=Q(site__isnull=False)
            ),
            models.CheckConstraint(condition=Q(came__lte=F("heads")), name="no_more_came_than_counted"),
        ]
        # who is missing of a place, and everybody at a shelter
        indexes = [
            models.Index(fields=["incident", "place", "state"], name="stay_place"),
            models.Index(fields=["opening", "state"], name="stay_opening"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Move(models.Model):
    """What somebody said about a stay, appended once by `key`: when it happened, and when it came in here.

    `stands` is false where a later move had been entered before this one came in.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="moves")
    opening = models.ForeignKey(Opening, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=Stay.State)
    where = models.CharField(max_length=10, choices=Where, blank=True)
    came = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stands = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.key)
