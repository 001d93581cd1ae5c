"""Plain data (a JSON file) into frozen dataclasses, with a sentence for whatever does not fit."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class BadShape(ValueError):
    """The data says something that we don't understand; the text is a sentence that names the place."""


def load(path: str) -> Any:
    """The content of a JSON file. Raises BadShape."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadShape(f"{path} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise BadShape(f"{path} is not JSON: {error}") from error


def fill(kind: type[T], data: Any, where: str = "") -> T:
    """An instance of the dataclass; what the data leaves out keeps its default. Raises BadShape."""
    if not isinstance(data, dict):
        raise BadShape(f"{where.rstrip('.') or 'the file'} must be an object")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every caller passes a dataclass
    for name in data:
        if name not in known:
            raise BadShape(f"{where}{name} is not known; known are {', '.join(sorted(known))}")
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value, where + name) for name, value in data.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, inside = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return fill(hint, value, where + ".")
    if origin is tuple:
        return _items(inside, value, where)
    if origin is dict:
        if not isinstance(value, dict):
            raise BadShape(f"{where} must be an object")
        return {str(name): _value(inside[1], entry, f"{where}.{name}") for name, entry in value.items()}
    return _plain(hint, value, where)


def _items(inside: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    entries = value if isinstance(value, list) else [value]
    if inside[-1] is Ellipsis:
        return tuple(_value(inside[0], entry, f"{where}[{index}]") for index, entry in enumerate(entries))
    if len(entries) != len(inside):
        raise BadShape(f"{where} must be a list of {len(inside)}")
    return tuple(
        _value(kind, entry, f"{where}[{index}]")
        for index, (kind, entry) in enumerate(zip(inside, entries, strict=True))
    )


def _plain(hint: Any, value: Any, where: str) -> Any:
    if hint is Any:
        return value
    if hint is str and type(value) is int:
        return str(value)  # codes are often written as numbers
    wanted = (int, float) if hint is float else hint
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        words = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
        raise BadShape(f"{where} must be {words.get(hint, hint.__name__)}")
    return value
