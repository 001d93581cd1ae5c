"""Facts that nearly every community is asked for and only people can know. They come with the system."""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.org.models import Level, Post
from lastmile.facts.dictionary import Field, register
from lastmile.facts.models import FieldType, Subject

PEOPLE, DOORS, SETS = (
    pgettext_lazy("unit", "people"),
    pgettext_lazy("unit", "doors"),
    pgettext_lazy("unit", "sets"),
)
YEAR, SEASON = timedelta(days=365), timedelta(days=180)

VILLAGE: list[tuple[str, str | Promise, str | Promise, str, timedelta]] = [
    ("loudspeakers", _("working loudspeakers"), SETS, FieldType.WHOLE, SEASON),
    ("shelter_places", _("places in shelters"), PEOPLE, FieldType.WHOLE, YEAR),
    ("fire_stations", _("mini fire stations"), "", FieldType.WHOLE, YEAR),
    ("generators", _("generators ready to run"), SETS, FieldType.WHOLE, SEASON),
    ("pumps", _("water pumps ready to run"), SETS, FieldType.WHOLE, SEASON),
    ("boats", _("boats"), "", FieldType.WHOLE, YEAR),
    ("vehicles", _("vehicles that may be called up"), "", FieldType.WHOLE, SEASON),
    ("satellite_phones", _("satellite phones and radios"), SETS, FieldType.WHOLE, YEAR),
    ("volunteers", _("volunteers who would come"), PEOPLE, FieldType.WHOLE, SEASON),
    ("low_spots", _("spots that flood first"), "", FieldType.WHOLE, YEAR),
    ("clinic", _("has a clinic or doctor"), "", FieldType.YES_NO, YEAR),
    ("last_drill", _("day of the last drill"), "", FieldType.DATE, YEAR),
]
GRID: list[tuple[str, str | Promise, str | Promise, str, timedelta]] = [
    ("grid.flooded_homes", _("homes that were ever flooded"), DOORS, FieldType.WHOLE, YEAR),
    (
        "grid.needs_transport",
        _("people who need a vehicle to leave"),
        PEOPLE,
        FieldType.WHOLE,
        SEASON,
    ),
]
SITE: list[tuple[str, str | Promise, str | Promise, str, timedelta]] = [
    ("site.people_now", _("people there now"), PEOPLE, FieldType.WHOLE, timedelta(days=30)),
    (
        "site.cannot_walk",
        _("people there who can't walk by themselves"),
        PEOPLE,
        FieldType.WHOLE,
        SEASON,
    ),
    ("site.plan", _("has an evacuation plan"), "", FieldType.YES_NO, YEAR),
]


HOME: list[tuple[str, str | Promise, str | Promise, str, timedelta]] = [
    ("home.vehicle", _("needs a vehicle to leave"), "", FieldType.YES_NO, SEASON),
]


def register_all() -> None:
    for name, label, unit, kind, validity in VILLAGE:
        register(Field(f"village.{name}", label, unit, kind, level=Level.VILLAGE, validity=validity))
    for name, label, unit, kind, validity in GRID:
        owner = Post.Kind.GRID_WORKER
        register(Field(name, label, unit, kind, level=Level.GRID, owner=owner, validity=validity))
    for name, label, unit, kind, validity in HOME:
        owner = Post.Kind.GRID_WORKER
        register(Field(name, label, unit, kind, subject=Subject.HOME, owner=owner, validity=validity))
    for name, label, unit, kind, validity in SITE:
        register(Field(name, label, unit, kind, subject=Subject.SITE, owner=Post.Kind.SITE, validity=validity))
