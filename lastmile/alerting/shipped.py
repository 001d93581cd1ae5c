"""The templates that come with the product, read from a data file; a place's own ones take their place."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import Template

FILE = Path(__file__).with_name("data") / "templates.toml"
COLOUR_KEY = {Colour.RED: "red", Colour.ORANGE: "orange", Colour.YELLOW: "yellow", Colour.BLUE: "blue"}


@cache
def _texts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def template(hazard: str, colour: int) -> Template:
    """An unsaved template of this hazard and colour; every hazard has one."""
    texts = _texts()[hazard]
    tier = "severe" if colour <= Colour.ORANGE else "mild"
    return Template(
        place=None,
        hazard=Hazard(hazard),
        colour=Colour(colour),
        headline="",
        description=texts["description"],
        instruction="\n".join(texts[COLOUR_KEY[Colour(colour)]]),
        english={
            "headline": "",
            "description": texts["english_description"],
            "instruction": "\n".join(texts[tier]),
        },
    )
