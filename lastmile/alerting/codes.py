"""The codes a warning speaks in: hazards with their national event codes, colours, and CAP's scales.

Event codes are those seen in live data of the family GB/T 35561-2017; a hazard without a known code carries none, and
an unknown code that arrives is kept as it is.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Colour(models.IntegerChoices):
    """一级红 二级橙 三级黄 四级蓝 (突发事件应对法 art. 63): 1 is the highest."""

    RED = 1, _("red")
    ORANGE = 2, _("orange")
    YELLOW = 3, _("yellow")
    BLUE = 4, _("blue")


class Hazard(models.TextChoices):
    RAINSTORM = "rainstorm", _("rainstorm")
    FLOOD = "flood", _("river flood")
    FLASH_FLOOD = "flash_flood", _("flash flood")
    WATERLOGGING = "waterlogging", _("urban waterlogging")
    LANDSLIDE = "landslide", _("landslide or debris flow")
    TYPHOON = "typhoon", _("typhoon")
    WIND = "wind", _("strong wind")
    LIGHTNING = "lightning", _("lightning")
    HAIL = "hail", _("hail")
    SNOW = "snow", _("snowstorm")
    COLD = "cold", _("cold wave")
    HEAT = "heat", _("high temperature")
    FOG = "fog", _("heavy fog")
    ICE = "ice", _("icy roads")
    WILDFIRE = "wildfire", _("forest fire danger")
    EARTHQUAKE = "earthquake", _("earthquake")
    DAM = "dam", _("dam or reservoir danger")
    CHEMICAL = "chemical", _("dangerous chemicals")
    EPIDEMIC = "epidemic", _("epidemic")
    OTHER = "other", _("other")


EVENT_CODE: dict[Hazard, str] = {
    Hazard.RAINSTORM: "11B03",
    Hazard.WIND: "11B06",
    Hazard.LIGHTNING: "11B14",
    Hazard.FOG: "11B17",
    Hazard.ICE: "11B21",
}

CAP_CATEGORY: dict[Hazard, str] = {
    Hazard.LANDSLIDE: "Geo",
    Hazard.EARTHQUAKE: "Geo",
    Hazard.WILDFIRE: "Fire",
    Hazard.DAM: "Infra",
    Hazard.CHEMICAL: "CBRNE",
    Hazard.EPIDEMIC: "Health",
    Hazard.OTHER: "Other",
}  # everything else is "Met"

CAP_SEVERITY: dict[Colour, str] = {
    Colour.RED: "Extreme",
    Colour.ORANGE: "Severe",
    Colour.YELLOW: "Moderate",
    Colour.BLUE: "Minor",
}
