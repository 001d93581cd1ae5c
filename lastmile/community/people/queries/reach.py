"""How to reach many people at once: the dispatch path, which opens contacts in bulk to send, and shows nobody."""

from __future__ import annotations

from collections.abc import Sequence

from lastmile.community.people.queries.statements import fetch

LABEL = b"contact.value"  # what `kernel.crypto` needs to open the ciphertexts


def reach(persons: Sequence[int], kind: str) -> tuple[list[int], list[bytes]]:
    """Persons who have a usable contact of the kind, and its ciphertext: two arrays of equal length, by person."""
    rows = fetch("reach", persons=list(persons), kind=kind)
    return [person for person, _value in rows], [bytes(value) for _person, value in rows]
