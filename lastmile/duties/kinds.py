"""What an obligation can be about. Each room registers its kinds when the application starts (`apps.ready`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from lastmile.duties.models import Obligation


def _no_page(_obligation: Obligation) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """`name` is "room.thing". `url` is the page where it is done, if one tap on the to-do is not all there is to it.

    `tap` is whether one tap may close it; without, it is closed by doing the thing itself on its page.
    """

    name: str
    label: str | Promise
    icon: str = "checks"
    url: Callable[[Obligation], str | None] = _no_page
    danger: int = 1
    policy: str = "standard"
    tap: bool = True


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. The same name again replaces it, so that an application may start twice in tests."""
    _KINDS[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of this name; an obligation of a room that is gone still has one to show."""
    return _KINDS.get(name) or Kind(name, name)


def known(name: str) -> bool:
    return name in _KINDS


def all_kinds() -> list[Kind]:
    return sorted(_KINDS.values(), key=lambda kind: kind.name)


TASK = Kind("duties.task", _("task"), danger=1)  # written by hand
PROBLEM = Kind("duties.problem", _("problem found"), icon="alert-triangle", danger=2)  # from `actions.problem`
