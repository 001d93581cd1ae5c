"""A model field that is encrypted in the database and stays sealed in memory until somebody opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

from lastmile.kernel.crypto import keyring

if TYPE_CHECKING:
    Base = models.Field[Any, Any]
else:
    Base = models.Field

MASK = "＊＊"


class Sealed:
    """A personal value read from the database. `str()` shows nothing; `reveal()` is for code that logs the look.

    `masked()` shows just enough to recognise it: 李＊＊, 138＊＊1234. An architecture test lists who may call `reveal`.
    """

    __slots__ = ("_data", "_label")

    def __init__(self, data: bytes, label: bytes) -> None:
        self._data = data
        self._label = label

    def __str__(self) -> str:
        return MASK

    __repr__ = __str__

    def __bool__(self) -> bool:
        return bool(self._data)

    def reveal(self) -> str:
        return keyring().decrypt(self._data, self._label)

    def masked(self) -> str:
        return mask(self.reveal())

    @property
    def data(self) -> bytes:
        """The ciphertext, for copying a value without opening it."""
        return self._data


def mask(text: str) -> str:
    """The first character of a name, the ends of a number or address, nothing of anything short.

    >>> mask("李春花"), mask("13812341234")
    ('李＊＊', '138＊＊1234')
    """
    if "@" in text:
        return text[:1] + MASK + text[text.index("@") :]
    if len(text) >= 7 and text.lstrip("+").isdigit():
        return text[:3] + MASK + text[-4:]
    return text[:1] + MASK if text else ""


class SealedField(Base):
    """Text, encrypted at rest (crypto.py). Assign a str, a Sealed or None; reading gives Sealed or None."""

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        self.label = label
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "label": self.label}

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value), self.label.encode())

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        if isinstance(value, Sealed):
            return value.data
        return seal(str(value), self.label)


def seal(text: str, label: str) -> bytes:
    """Ciphertext for a column with this label, for set-based writes that bypass the ORM."""
    return keyring().encrypt(text, label.encode())
