"""Put a field into the dictionary. The same question under another name is refused with the one there is."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Place
from lastmile.facts import dictionary
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Definition, FieldType, Subject
from lastmile.facts.values import clean
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

MOST_CHOICES = 20
ALIKE = 0.8  # from here on two labels look like one question


def similar(label: str, *, subject: str, level: int, most: int = 5) -> list[Field]:
    """Fields whose label reads like this one, the likest first, so that nobody defines a question twice."""
    wanted = dictionary.plain(label)
    if len(wanted) < 2:
        return []
    rated = []
    for field in dictionary.fields(subject=subject, level=level):
        has = dictionary.plain(str(field.label))
        rate = difflib.SequenceMatcher(None, wanted, has).ratio()
        if wanted in has or has in wanted:
            rate = max(rate, ALIKE)
        if rate >= ALIKE - 0.2:
            rated.append((-rate, field.name, field))
    return [field for _rate, _name, field in sorted(rated)[:most]]


@transaction.atomic
def define(by: Actor, place: Place, **given: Any) -> Definition:
    """Add a field for the rows of a unit and below. Raises Refusal with a sentence for each field that is wrong."""
    require(by, Perm.FACT_DEFINE, place.code)
    values = checked(given)
    _refuse_known(values)
    row = Definition(**values, place=place, created_at=clock.now(), created_by=str(by)[:60], name=f"new.{id(values)}")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _exists(values["label"]) from None
    row.name = f"own.{row.pk}"
    row.save(update_fields=["name"])
    audit.record("facts.define", actor=by, place=place.code, obj=row, label=row.label)
    return row


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """A definition as it is stored. Raises Refusal with a sentence for each field that is wrong; writes nothing."""
    values: dict[str, Any] = {key: clean(value) if isinstance(value, str) else value for key, value in given.items()}
    values["plain"] = dictionary.plain(str(values["label"]))[:60]
    wrong: dict[str, str] = {}
    if not values["plain"] or len(values["label"]) > 60:
        wrong["label"] = _("Write what is asked, in at most 60 characters.")
    choices = list(dict.fromkeys(clean(choice) for choice in values.get("choices") or ()))
    values["choices"] = [choice for choice in choices if choice] if values["type"] == FieldType.CHOICE else []
    if values["type"] == FieldType.CHOICE and not 2 <= len(values["choices"]) <= MOST_CHOICES:
        wrong["choices"] = _("Write 2 to %(n)s different answers to choose from.") % {"n": MOST_CHOICES}
    if any(len(choice) > 40 for choice in values["choices"]):
        wrong["choices"] = _("An answer may have 40 characters.")
    if not 1 <= values["validity_days"] <= 3650:
        wrong["validity_days"] = _("Between 1 day and 10 years.")
    if values["subject"] != Subject.PLACE:
        values["level"] = Level.VILLAGE
    elif values["level"] not in (Level.TOWNSHIP, Level.VILLAGE, Level.GRID):
        wrong["level"] = _("Facts are entered at townships, villages or grids.")
    if wrong:
        raise Refusal(_("The field can't be defined like this."), _("Correct what is marked."), fields=wrong)
    return values


def _refuse_known(values: dict[str, Any]) -> None:
    for field in dictionary.fields(subject=values["subject"], level=values["level"]):
        if dictionary.plain(str(field.label)) == values["plain"]:
            raise _exists(str(field.label))


def _exists(label: str) -> Conflict:
    return Conflict(
        _("The dictionary has “%(label)s” already.") % {"label": label},
        _("Use that field: its answers are there, or are asked for once."),
        fields={"label": _("There is this field already.")},
    )


AMENDABLE = {"owner", "department", "source", "validity_days", "choices"}  # what changes no meaning of stored facts


def amended(definition: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """What an amendment stores. Raises Refusal with a sentence for each field that is wrong; writes nothing."""
    now = {name: getattr(definition, name) for name in (*AMENDABLE, "label", "type", "unit", "subject", "level")}
    values = checked(now | {name: value for name, value in given.items() if name in AMENDABLE})
    gone = [choice for choice in definition.choices if choice not in values["choices"]]
    if gone or (given.get("choices") and definition.type != FieldType.CHOICE):
        says = _("“%(choice)s” can't be taken away: it may be on record.") % {"choice": "、".join(gone)}
        wrong = says if gone else _("Only “one of several” has answers to choose from.")
        raise Refusal(
            _("The field can't be changed like this."), _("Correct what is marked."), fields={"choices": wrong}
        )
    return {name: values[name] for name in AMENDABLE}


@transaction.atomic
def amend(by: Actor, definition: Definition, **given: Any) -> None:
    """Change who knows a field, where from, for how long it is fresh; add answers. What is asked stays as it is."""
    require(by, Perm.FACT_DEFINE, definition.place_id)
    values = amended(definition, given)
    if not Definition.objects.filter(pk=definition.pk, retired_at=None).update(**values):
        raise Conflict(_("This field was retired before."))
    was = {name: getattr(definition, name) for name, value in values.items() if getattr(definition, name) != value}
    now = {name: values[name] for name in was}
    audit.record("facts.amend", actor=by, place=definition.place_id, obj=definition, before=was, after=now)


@transaction.atomic
def retire(by: Actor, definition: Definition) -> None:
    """Take a field out of use; its values stay on record."""
    require(by, Perm.FACT_DEFINE, definition.place_id)
    if not Definition.objects.filter(pk=definition.pk, retired_at=None).update(retired_at=clock.now()):
        raise Conflict(_("This field was retired before."))
    audit.record("facts.retire", actor=by, place=definition.place_id, obj=definition, label=definition.label)
