"""Write invented households by COPY: ids from the sequences, personal fields sealed one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, models

from lastmile.community.people.actions.people import OF_AGE
from lastmile.community.people.generate import names
from lastmile.community.people.generate.homes import Home
from lastmile.community.people.models import Contact, Household, Language, Person, Priority
from lastmile.community.people.phones import FICTIONAL
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring

STEP = 48_271  # coprime to 10^8, so that numbers look random and none comes twice
SPACE = 10**8
STALE_SHARE, NEVER_SHARE = 0.06, 0.05  # contacts unconfirmed for over a year, or never

COLUMNS: dict[type[models.Model], list[tuple[str, str]]] = {
    Household: [
        ("id", "int4"), ("place_id", "varchar"), ("number", "varchar"), ("village", "varchar"), ("address", "bytea"),
        ("longitude", "float8"), ("latitude", "float8"), ("walking_order", "int4"), ("residents", "int2"),
        ("vulnerable", "int2"), ("updated_at", "timestamptz"),
    ],
    Person: [
        ("id", "int4"), ("place_id", "varchar"), ("household_id", "int4"), ("name", "bytea"), ("born", "bytea"),
        ("care", "bytea"), ("language", "varchar"), ("priority", "int2"), ("vulnerable", "bool"),
        ("minor", "bool"), ("guardian_id", "int4"), ("updated_at", "timestamptz"),
    ],
    Contact: [
        ("id", "int4"), ("person_id", "int4"), ("kind", "varchar"), ("value", "bytea"), ("blind", "bytea"),
        ("rank", "int2"), ("usable", "bool"), ("confirmed_at", "timestamptz"),
    ],
}  # fmt: skip


def ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh keys from the table's own sequence, so that nobody else gets them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')::regclass) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy(model: type[models.Model], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(name for name, _type in COLUMNS[model])
    statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        out.set_types([kind for _name, kind in COLUMNS[model]])
        for row in rows:
            out.write_row(row)


class Writer:
    """Writes batches of homes; numbers phones through, so that the same seed gives the same people and numbers."""

    def __init__(self, seed: int) -> None:
        self.cipher = keyring()
        self.now = clock.now()
        self.phone = seed * 7919 % SPACE

    def write(self, batch: list[Home]) -> list[list[int]]:
        """The keys of the people of each home, in the order of its members."""
        people = iter(ids(Person, sum(len(home.members) for home in batch)))
        keys = [[next(people) for _member in home.members] for home in batch]
        doors = ids(Household, len(batch))
        copy(Household, (self._door(key, home) for key, home in zip(doors, batch, strict=True)))
        copy(Person, (row for i, home in enumerate(batch) for row in self._people(home, doors[i], keys, i)))
        contacts = [row for i, home in enumerate(batch) for row in self._contacts(home, keys[i])]
        copy(Contact, ((key, *row) for key, row in zip(ids(Contact, len(contacts)), contacts, strict=True)))
        return keys

    def seal(self, text: str, label: bytes) -> bytes:
        return self.cipher.encrypt(text, label)

    def _door(self, key: int, home: Home) -> tuple[Any, ...]:
        lon, lat = home.position or (None, None)
        frail = sum(bool(member.care) for member in home.members)
        address = self.seal(home.address, b"household.address")
        return (
            key, home.cell.code, home.number, home.cell.village, address, lon, lat, home.order, len(home.members),
            frail, self._entered(home),
        )  # fmt: skip

    def _entered(self, home: Home) -> datetime:
        return self.now - timedelta(days=home.order * 37 % 300)

    def _people(self, home: Home, door: int, keys: list[list[int]], at: int) -> Iterable[tuple[Any, ...]]:
        for index, member in enumerate(home.members):
            care = self.seal(json.dumps({"kinds": member.care, "note": ""}), b"person.care") if member.care else None
            guardian = home.guardians.get(index)
            priority = (Priority.VULNERABLE if member.care else 0) + (Priority.EXPOSED if home.exposed else 0)
            yield (
                keys[at][index], home.cell.code, door, self.seal(member.name, b"person.name"),
                self.seal(str(self.now.year - member.age), b"person.born"), care,
                (Language.ENGLISH if member.english else Language.CHINESE).value, priority, bool(member.care),
                member.age < OF_AGE,
                keys[at - guardian[0]][guardian[1]] if guardian else None, self._entered(home),
            )  # fmt: skip

    def _contacts(self, home: Home, keys: list[int]) -> Iterable[tuple[Any, ...]]:
        for key, member in zip(keys, home.members, strict=True):
            if member.phone:
                yield self._contact(key, Contact.Kind.PHONE, self.number(), 0)
            if member.second_phone:
                yield self._contact(key, Contact.Kind.PHONE, self.number(), 1)
            if member.email:
                yield self._contact(key, Contact.Kind.EMAIL, f"u{self.number()[6:]}@example.cn", 0)

    def number(self) -> str:
        self.phone = (self.phone + STEP) % SPACE
        return f"{FICTIONAL}{self.phone:08d}"

    def outsider(self, place: str, rng: np.random.Generator) -> int:
        """A new grown person with a phone who works at the place and lives elsewhere; returns the key."""
        (key,) = ids(Person, 1)
        draws = rng.random(5).tolist()
        name = names.surnames(rng, 1)[0] + names.given((draws[0], draws[1], draws[2]), male=draws[3] < 0.6, young=False)
        born = str(self.now.year - 28 - int(30 * draws[4]))
        sealed = self.seal(name, b"person.name"), self.seal(born, b"person.born")
        copy(Person, [(key, place, None, *sealed, None, Language.CHINESE.value, 0, False, False, None, self.now)])
        copy(Contact, [(*ids(Contact, 1), *self._contact(key, Contact.Kind.PHONE, self.number(), 0))])
        return key

    def _contact(self, person: int, kind: Contact.Kind, value: str, rank: int) -> tuple[Any, ...]:
        share = self.phone % 9973 / 9973
        if share < NEVER_SHARE:
            confirmed = None
        else:
            days = 366 + share * 5000 if share < NEVER_SHARE + STALE_SHARE else share * 340
            confirmed = self.now - timedelta(days=days)
        sealed = self.seal(value, b"contact.value")
        return person, kind.value, sealed, self.cipher.blind(value), rank, True, confirmed
