"""The field dictionary: every fact has one definition, whether the system computes it or somebody enters it.

Derived fields and those that come with the system are registered in code, by any room, in its `apps.ready`:

    dictionary.register(Field("people.households", _("households"), computed=count_households))

Fields that people define are rows of `Definition`. Nothing else may tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Post
from lastmile.facts.models import Definition, FieldType, Subject
from lastmile.facts.values import clean
from lastmile.kernel.errors import NotFound


class Dated(NamedTuple):
    """A value that is not of today."""

    value: Any
    as_of: date


# For place codes of one length, or keys of sites or households: their values, or `Dated`. What is missing is not known.
Computed = Callable[[Sequence[Any]], Mapping[Any, Any]]

# For names of fields and place codes of one length: field → code → value.
Family = Callable[[Sequence[str], Sequence[str]], Mapping[str, Mapping[str, Any]]]

# Minutes to find out and type one value; an estimate that the ledger states as such.
MINUTES: dict[str, float] = {
    FieldType.WHOLE: 2,
    FieldType.DECIMAL: 2,
    FieldType.YES_NO: 1,
    FieldType.CHOICE: 1,
    FieldType.DATE: 1,
    FieldType.TEXT: 4,
}
MINUTES_TO_OPEN = 2.0  # to read what is wanted and why


@dataclass(frozen=True)
class Field:
    """`computed` answers for derived fields; the others are entered at places of `level`."""

    name: str  # "room.thing"; fields that people define are "own.<number>"
    label: str | Promise
    unit: str | Promise = ""
    type: str = FieldType.WHOLE
    subject: str = Subject.PLACE
    level: int = Level.VILLAGE
    owner: str = Post.Kind.LEADER
    department: str = ""
    source: str | Promise = ""
    validity: timedelta = timedelta(days=365)
    choices: tuple[str, ...] = ()
    computed: Computed | None = None
    defined_by: str = ""  # place code of the unit; '' came with the system
    family: Family | None = None  # `computed` together with others, in one statement
    sealed: str = ""  # a personal part of a household: `computed` says only whether it is there, pages show it masked

    @property
    def is_derived(self) -> bool:
        return self.computed is not None

    @property
    def is_sealed(self) -> bool:
        return bool(self.sealed)

    @property
    def minutes(self) -> float:
        return MINUTES[self.type]

    @property
    def is_number(self) -> bool:
        return self.type in (FieldType.WHOLE, FieldType.DECIMAL)

    @property
    def owner_label(self) -> str:
        return f"{self.department} {Post.Kind(self.owner).label}".strip()

    def fits(self, subject: str, level: int) -> bool:
        """Whether rows of this kind and level have it."""
        return self.subject == subject and (self.is_derived or subject != Subject.PLACE or self.level == level)

    def frozen(self) -> dict[str, Any]:
        """What a request keeps of it."""
        return {
            "name": self.name,
            "label": str(self.label),
            "unit": str(self.unit),
            "type": str(self.type),
            "choices": list(self.choices),
            "owner": str(self.owner),
            "department": self.department,
            "derived": self.is_derived,
            "sealed": self.sealed,
            "minutes": self.minutes,
        }


_REGISTRY: dict[str, Field] = {}


def register(field: Field) -> None:
    """Add a field that comes with the system. A name is taken once."""
    if field.name in _REGISTRY:
        raise ValueError(f"the field {field.name} is registered twice")
    _REGISTRY[field.name] = field


def plain(label: str) -> str:
    """A label without what people write differently: spaces, punctuation, width, 数/数量 at the end.

    >>> plain("住户 数（户）") == plain("住户数量")
    True
    """
    text = re.sub(r"[(（\[【].*?[)）\]】]", "", clean(label).lower())
    text = re.sub(r"[\W_]+", "", text)
    return re.sub(r"(总数|数量|个数|数)$", "", text) or text


def of(definition: Definition) -> Field:
    return Field(
        name=definition.name,
        label=definition.label,
        unit=definition.unit,
        type=definition.type,
        subject=definition.subject,
        level=definition.level,
        owner=definition.owner,
        department=definition.department,
        source=definition.source,
        validity=timedelta(days=definition.validity_days),
        choices=tuple(definition.choices),
        defined_by=definition.place_id,
    )


def fields(*, subject: str | None = None, level: int | None = None) -> list[Field]:
    """Every field in force, derived ones first; or those that rows of a kind and level have."""
    known = [*_REGISTRY.values(), *(of(row) for row in Definition.objects.filter(retired_at=None).order_by("id"))]
    known.sort(key=lambda field: not field.is_derived)
    return [f for f in known if subject is None or f.fits(subject, Level.VILLAGE if level is None else level)]


def field(name: str) -> Field:
    """One field, also a retired one. Raises NotFound."""
    found = _REGISTRY.get(name)
    if found is None:
        row = Definition.objects.filter(name=name[:60].replace("\0", "")).first()
        if row is None:
            raise NotFound(
                _("The dictionary has no field “%(name)s”.") % {"name": name[:40]}, _("Look it up in the dictionary.")
            )
        found = of(row)
    return found


def named(names: Iterable[str]) -> list[Field]:
    """The fields with these names, in this order, each once. Raises NotFound for one that is none."""
    return [field(name) for name in dict.fromkeys(names)]
