"""Contact sheets: the addresses of a whole place in one sealed piece, so that dispatch opens one instead of hundreds.

Triggers note every place whose contacts have changed, in the transaction of the change; `renew` writes its sheets anew
and takes the note away. A reader believes a sheet only while no note for its place is visible (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from lastmile.community.people.models import Contact, ContactSheet
from lastmile.community.people.queries.reach import LABEL
from lastmile.community.people.queries.statements import fetch
from lastmile.kernel import locks
from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import seal

SHEET_LABEL = b"contactsheet.addresses"
PLACES = 50  # in one transaction: some 15,000 contacts, a tenth of a second


def renew(limit: int = PLACES) -> int:
    """Write the sheets of at most `limit` places whose contacts have changed. How many there were."""
    with transaction.atomic():
        if not locks.alone("people.contact_sheets"):  # two could write an old sheet over a new one
            return 0
        places = [place for (place,) in fetch("sheets_take", limit=limit)]
        if places:
            ContactSheet.objects.filter(place__in=places).delete()
            languages = _languages(places)
            rows = fetch("sheets_sources", places=places, kinds=list(Contact.Kind.values))
            ContactSheet.objects.bulk_create(
                _sheet(place, kind, persons, values, homes, languages.get(place, {}))
                for place, kind, persons, values, homes in rows
            )
    return len(places)


def renew_all() -> int:
    """Until no place is due: after an import or a generation. How many places there were."""
    return sum(iter(renew, 0))


def addresses(sealed: bytes) -> list[str]:
    """The lines of a sheet, parallel to its persons. Raises ValueError when it can't be opened."""
    return keyring().decrypt(sealed, SHEET_LABEL).split("\n")


def _languages(places: Iterable[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for place, person, language in fetch("sheets_languages", places=list(places)):
        found.setdefault(place, {})[str(person)] = language
    return found


def _sheet(
    place: str, kind: str, persons: list[int], values: list[Any], homes: list[int], languages: dict[str, str]
) -> ContactSheet:
    known, lives = list(_opened(persons, [bytes(value) for value in values])), dict(zip(persons, homes, strict=True))
    lines = "\n".join(address for _person, address in known)
    return ContactSheet(
        place_id=place,
        kind=kind,
        persons=[person for person, _address in known],
        addresses=seal(lines, SHEET_LABEL.decode()),
        languages=languages,
        homes=[lives[person] for person, _address in known],
    )


def _opened(persons: list[int], values: list[bytes]) -> Iterator[tuple[int, str]]:
    """Without those that can't be opened: dispatch meets them one by one, and says so."""
    try:
        yield from zip(persons, keyring().decrypt_many(values, LABEL), strict=True)
    except ValueError:
        if len(persons) > 1:
            for person, value in zip(persons, values, strict=True):
                yield from _opened([person], [value])
