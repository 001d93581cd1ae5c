"""Classes of personal data: what a look opens, and what residents read about it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import pgettext_lazy


class DataClass(models.TextChoices):
    BASIC = "basic", pgettext_lazy("class of data", "name and age")
    CONTACT = "contact", pgettext_lazy("class of data", "contacts")
    HEALTH = "health", pgettext_lazy("class of data", "health and needs")
    LOCATION = "location", pgettext_lazy("class of data", "door and address")


FIELDS: dict[DataClass, tuple[str, ...]] = {
    DataClass.BASIC: ("name", "born"),
    DataClass.CONTACT: ("contacts",),
    DataClass.HEALTH: ("care",),
    DataClass.LOCATION: ("address",),
}


def fields_of(classes: Iterable[DataClass]) -> list[str]:
    """The sealed fields of these classes, as `Look.fields` names them."""
    chosen = set(classes)
    return [field for one in DataClass for field in FIELDS[one] if one in chosen]


def classes_of(fields: Iterable[str]) -> list[DataClass]:
    """The classes of what a look opened."""
    opened = set(fields)
    return [one for one in DataClass if opened.intersection(FIELDS[one])]
