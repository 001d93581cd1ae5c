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

# How a warning's own text names them, whatever language the officer's pages speak: (Chinese, English).
HAZARD_NAME: dict[Hazard, tuple[str, str]] = {
    Hazard.RAINSTORM: ("暴雨", "Rainstorm"),
    Hazard.FLOOD: ("洪水", "River flood"),
    Hazard.FLASH_FLOOD: ("山洪", "Flash flood"),
    Hazard.WATERLOGGING: ("内涝", "Urban waterlogging"),
    Hazard.LANDSLIDE: ("地质灾害", "Landslide and debris flow"),
    Hazard.TYPHOON: ("台风", "Typhoon"),
    Hazard.WIND: ("大风", "Strong wind"),
    Hazard.LIGHTNING: ("雷电", "Lightning"),
    Hazard.HAIL: ("冰雹", "Hail"),
    Hazard.SNOW: ("暴雪", "Snowstorm"),
    Hazard.COLD: ("寒潮", "Cold wave"),
    Hazard.HEAT: ("高温", "High temperature"),
    Hazard.FOG: ("大雾", "Heavy fog"),
    Hazard.ICE: ("道路结冰", "Icy roads"),
    Hazard.WILDFIRE: ("森林火险", "Forest fire danger"),
    Hazard.EARTHQUAKE: ("地震", "Earthquake"),
    Hazard.DAM: ("水库险情", "Dam danger"),
    Hazard.CHEMICAL: ("危险化学品", "Dangerous chemicals"),
    Hazard.EPIDEMIC: ("疫情", "Epidemic"),
    Hazard.OTHER: ("突发事件", "Emergency"),
}
COLOUR_NAME: dict[Colour, tuple[str, str]] = {
    Colour.RED: ("红色", "red"),
    Colour.ORANGE: ("橙色", "orange"),
    Colour.YELLOW: ("黄色", "yellow"),
    Colour.BLUE: ("蓝色", "blue"),
}
LEVEL_NAME: dict[Colour, str] = {
    Colour.RED: "Ⅰ级/特别严重",
    Colour.ORANGE: "Ⅱ级/严重",
    Colour.YELLOW: "Ⅲ级/较重",
    Colour.BLUE: "Ⅳ级/一般",
}

# Weather warning signals are issued by the weather service only (气象灾害防御条例 art. 30).
WEATHER = frozenset(
    {
        Hazard.RAINSTORM,
        Hazard.TYPHOON,
        Hazard.WIND,
        Hazard.LIGHTNING,
        Hazard.HAIL,
        Hazard.SNOW,
        Hazard.COLD,
        Hazard.HEAT,
        Hazard.FOG,
        Hazard.ICE,
    }
)
# Where staying at home may kill: people need a place to go to.
EVACUATION = frozenset(
    {
        Hazard.FLOOD,
        Hazard.FLASH_FLOOD,
        Hazard.LANDSLIDE,
        Hazard.TYPHOON,
        Hazard.WILDFIRE,
        Hazard.EARTHQUAKE,
        Hazard.DAM,
        Hazard.CHEMICAL,
    }
)
