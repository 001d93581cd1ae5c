"""Where: the tree of places by national code, their outlines, special sites, and the posts that serve them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """The depth of a place in the tree; the length of its code follows from it."""

    PROVINCE = 1, _("province")
    CITY = 2, _("city")
    COUNTY = 3, _("county")
    TOWNSHIP = 4, _("township")
    VILLAGE = 5, _("village")
    GRID = 6, _("grid")


CODE_LENGTH = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
    Level.GRID: 15,
}
LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}


def ancestors(code: str) -> list[str]:
    """The codes above a place, from the province down.

    >>> ancestors("410182109")
    ['41', '4101', '410182']
    """
    return [code[:length] for length in CODE_LENGTH.values() if length < len(code)]


class PlaceQuerySet(models.QuerySet["Place"]):
    def under(self, prefix: str) -> PlaceQuerySet:
        """The place with this code and everything below it."""
        return self.filter(code__startswith=prefix)

    def at(self, level: Level) -> PlaceQuerySet:
        return self.filter(level=level)

    def current(self) -> PlaceQuerySet:
        """Without the codes that have been retired."""
        return self.filter(valid_to=None)


class Place(models.Model):
    """A node of the administrative tree, from province to grid. Its code is the tree: a subtree is a prefix.

    `code` is the code by administration. It equals the national code, except where a place is governed from elsewhere
    than its national code says; then `national_code` keeps the national one for matching CAP geocodes.
    """

    code = models.CharField(primary_key=True, max_length=15, db_collation="C")
    level = models.SmallIntegerField(choices=Level)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False)
    national_code = models.CharField(max_length=15, db_collation="C")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # the day the code was retired
    longitude = models.FloatField(null=True)  # degrees WGS84, of the centre
    latitude = models.FloatField(null=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        # the children of a place in the tree picker, and all grids of a subtree for targeting
        indexes = [
            models.Index(fields=["level", "code"], name="place_level_code"),
            models.Index(fields=["parent"], name="place_parent"),
            models.Index(fields=["national_code"], name="place_national"),  # CAP geocodes
        ]

    def __str__(self) -> str:
        return self.name


class Boundary(models.Model):
    """The outline of a place: WKB of a valid (multi)polygon in WGS84, with its bounding box in degrees."""

    class Source(models.TextChoices):
        DRAWN = "drawn", _("drawn on the map")
        IMPORTED = "imported", _("imported")
        GENERATED = "generated", _("generated")

    place = models.OneToOneField(Place, primary_key=True, on_delete=models.CASCADE, related_name="boundary")
    wkb = models.BinaryField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(max_length=10, choices=Source)


class Stamp(models.Model):
    """Changes with every change of a place or outline, by trigger, so that computed maps know when they are old.

    A random value, not a counter: a counter would repeat after a rollback and make an old map look current.
    """

    PLACES = "places"

    name = models.CharField(primary_key=True, max_length=20)
    value = models.UUIDField()


class OutlineUpload(models.Model):
    """A GeoJSON file between its preview and the click that imports it; thrown away then, or after a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    by = models.IntegerField()  # the log-in's key: nobody else may open it
    at = models.DateTimeField()
    mend = models.BooleanField()
    data = models.BinaryField()


class SpecialSite(models.Model):
    """A place where people need more help or more time: it answers a warning as one, through its responsible person."""

    class Kind(models.TextChoices):
        CARE_HOME = "care_home", _("care home")
        SCHOOL = "school", _("school or kindergarten")
        BASEMENT = "basement", _("basement or underground space")
        BUILDING_SITE = "building_site", _("building site")
        SCENIC_SPOT = "scenic_spot", _("scenic spot")
        HAZARD_POINT = "hazard_point", _("hazard point")
        OTHER = "other", _("other")

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")  # its grid, or its village
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    capacity = models.PositiveIntegerField(null=True)  # people there at most
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"],
                name="site_once_per_place",
                violation_error_message=_("There is already a site of this name here."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Line(models.TextChoices):
    """The departments of government (条): the same from the city to the township, whatever each is called there."""

    EMERGENCY = "emergency", _("emergency management")
    FIRE = "fire", _("fire and rescue")
    WATER = "water", _("water")
    WEATHER = "weather", _("weather service")
    RESOURCES = "resources", _("natural resources")
    HEALTH = "health", _("health")
    POLICE = "police", _("police")
    CIVIL = "civil", _("civil affairs")
    HOUSING = "housing", _("housing and construction")
    CITY = "city", _("city management")
    EDUCATION = "education", _("education")
    TRANSPORT = "transport", _("transport")
    AGRICULTURE = "agriculture", _("agriculture")
    FORESTRY = "forestry", _("forestry")
    ENVIRONMENT = "environment", _("environment")
    CULTURE = "culture", _("culture and tourism")
    MARKET = "market", _("market supervision")
    TELECOMS = "telecoms", _("telecommunications")
    POWER = "power", _("electricity")
    PRESS = "press", _("publicity")
    FINANCE = "finance", _("finance")
    OFFICE = "office", _("government office")


class Post(models.Model):
    """A duty at a place (or at a special site there); who holds it is in `people`."""

    class Kind(models.TextChoices):
        LEADER = "leader", _("person in charge")
        DUTY = "duty", _("duty officer")
        FLOOD = "flood", _("flood control lead")
        INFORMATION = "information", _("information officer")
        GRID_WORKER = "grid_worker", _("grid worker")
        FIRST_RESPONDER = "first_responder", _("first responder")
        SITE = "site", _("responsible person of a special site")
        OTHER = "other", _("other")

    id = models.AutoField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=100)
    department = models.CharField(max_length=100, blank=True)  # as it is called there
    # which department that is
    line = models.CharField(max_length=12, choices=Line, blank=True, default="", db_default="")
    must_answer = models.BooleanField(default=True)  # a warning for the place must be confirmed by the holder
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["place", "kind", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "site", "kind", "title"], name="post_once_per_place", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.title


class Terminal(models.Model):
    """A loudspeaker, screen or siren that is told what to play over the network. Its code is its name there; its key is
    made from the code and `key_version` (org.terminals), so that none is stored.
    """

    class Kind(models.TextChoices):
        LOUDSPEAKER = "loudspeaker", _("loudspeaker")
        SCREEN = "screen", _("LED screen")
        TELEVISION = "television", _("television or lobby display")
        SIREN = "siren", _("siren")
        OTHER = "other", _("other")

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=30, unique=True, db_collation="C")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(SpecialSite, null=True, on_delete=models.SET_NULL, related_name="+")  # where it hangs
    kind = models.CharField(max_length=12, choices=Kind)
    spot = models.CharField(max_length=200, blank=True)  # how it is found
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")  # who looks after it
    quietest = models.PositiveSmallIntegerField(default=40)  # percent of its volume
    loudest = models.PositiveSmallIntegerField(default=100)
    plays = models.BooleanField(default=True)  # audio that it fetches
    speaks = models.BooleanField(default=False)  # text, by a voice of its own
    letters = models.PositiveSmallIntegerField(default=0)  # that it shows at most; 0: it shows none
    key_version = models.PositiveSmallIntegerField(default=1)
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["place", "code"]
        # those of an area when a warning is issued
        indexes = [models.Index(fields=["place"], name="terminal_place", condition=models.Q(closed_on=None))]

    def __str__(self) -> str:
        return self.code

    @property
    def named(self) -> str:
        """As people call it: where it hangs, else its code."""
        return self.spot or self.code
