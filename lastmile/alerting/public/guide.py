"""What each colour means, and what to do: from the texts that warnings of each hazard begin with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lastmile.alerting import shipped
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.public.showing import language
from lastmile.alerting.texts import lines


def levels() -> list[dict[str, Any]]:
    """The four colours, the most dangerous first, with their level in law and what it asks of people."""
    words = {
        Colour.RED: (_("Level I: extremely serious"), _("Life is in danger now. Do what the warning says at once.")),
        Colour.ORANGE: (_("Level II: serious"), _("Danger is near. Leave dangerous places now; help others to go.")),
        Colour.YELLOW: (_("Level III: fairly serious"), _("It can become dangerous. Get ready and stay reachable.")),
        Colour.BLUE: (_("Level IV: ordinary"), _("Something may come. Take care and listen for news.")),
    }
    return [
        {"colour": colour, "label": colour.label, "level": words[colour][0], "means": words[colour][1]}
        for colour in Colour
    ]


def hazards() -> list[tuple[str, str]]:
    return [(hazard.value, str(hazard.label)) for hazard in Hazard]


def steps(hazard: str) -> list[dict[str, Any]]:
    """For each colour of a hazard what to do, step by step."""
    found = []
    for colour in Colour:
        text = shipped.template(hazard, colour)
        said = text.english["instruction"] if language() == "en" else text.instruction
        found.append({"colour": colour, "label": colour.label, "todo": lines(said)})
    return found
