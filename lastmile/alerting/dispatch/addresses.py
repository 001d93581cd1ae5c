"""Where the people of claimed batches are reached: from the sheets of their places, and one by one for who is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from lastmile.alerting.dispatch.store import Store
from lastmile.alerting.dispatch.work import OPEN, Sheet, Work
from lastmile.alerting.models import Sent
from lastmile.community.people import contact_sheets
from lastmile.community.people.queries.reach import LABEL
from lastmile.kernel.crypto import keyring

CANT_OPEN = "the contact can't be opened with the present keys"


async def load(store: Store, works: Sequence[Work], kind: str) -> None:
    """Fill in addresses and languages. Who can't be opened is refused, and nobody else with them."""
    sheets = await store.sheets([work.id for work in works], kind)
    for work in works:
        from_sheet(work, sheets.get(work.id))
    missing = {person for work in works for _at, person in _left(work)}
    if missing:
        known = {person: (value, language) for person, value, language in await store.contacts(list(missing), kind)}
        for work in works:
            _one_by_one(work, known)


def from_sheet(work: Work, sheet: Sheet | None) -> None:
    """Take what the sheet has; nothing where there is none, or none that can be opened."""
    work.addresses = [""] * len(work.persons)
    if sheet is None:
        return
    try:
        book = dict(zip(sheet.persons, contact_sheets.addresses(sheet.addresses), strict=True))
    except ValueError:  # under a key that is gone: the contacts themselves may be under another
        return
    work.addresses = list(map(book.get, work.persons, repeat("")))
    work.languages = {int(person): language for person, language in sheet.languages.items()}
    work.homes = dict(zip(sheet.persons, sheet.homes, strict=True))


def _left(work: Work) -> Iterable[tuple[int, int]]:
    """(position, person) of those still to be told whose address no sheet had."""
    if "" not in work.addresses:
        return []
    return [
        (at, person) for at, person in enumerate(work.persons) if not work.addresses[at] and work.states[at] in OPEN
    ]


def _one_by_one(work: Work, known: dict[int, tuple[bytes | None, str | None]]) -> None:
    """Open what was found; who has no contact stays without an address."""
    found = [(at, person, known.get(person, (None, None))) for at, person in _left(work)]
    work.languages |= {person: language for _at, person, (_value, language) in found if language}
    sealed = [(at, value) for at, _person, (value, _language) in found if value is not None]
    try:
        opened = keyring().decrypt_many([value for _at, value in sealed], LABEL)
    except ValueError:
        opened = [_opened(work, at, value) for at, value in sealed]
    for (at, _value), address in zip(sealed, opened, strict=True):
        work.addresses[at] = address


def _opened(work: Work, at: int, value: bytes) -> str:
    try:
        return keyring().decrypt(value, LABEL)
    except ValueError:
        work.states[at] = Sent.GAVE_UP
        work.error = CANT_OPEN
        return ""
