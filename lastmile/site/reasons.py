"""Why a role finds a page open or shut, at its own place and at others: the cells of docs/permissions.md.

Everything is computed from the door of the page, the table of roles and what the blanks of the address name; the walk
(tests/permissions) asks every page as every role and fails where the answer is not what the reason says.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from lastmile.community.accounts.roles import MAY, THREE_OFFICERS, Role
from lastmile.kernel.permissions import Perm
from lastmile.site.api_doors import Door as ApiDoor

Door = tuple[Perm, ...] | str


class Where(Enum):
    """Where the thing lies that the address names, seen from the place of the role."""

    OWN = "own place"
    BELOW = "child"
    BESIDE = "sibling"
    ABOVE = "parent"
    DEPARTMENT = "own place, other department"


class Why(Enum):
    """(code, whether the page opens: None where it depends on whose the thing is, words)."""

    PUBLIC = "A", True, "public: whoever comes, without log-in"
    SIGNED = "S", True, "every log-in; it shows what is one's own"
    MINE = "M", None, "opens for whom it concerns: who owes it, is asked or made it; 404 for all others"
    LIST = "C", True, "the role has the permission; one page for all, cut to what lies in the scope"
    WHOLE = "H", None, "the role has the permission; opens where it is held over the whole system"
    SYSTEM = "W", True, "the role has the permission; belongs to the whole system, not to a place"
    HELD = "P", True, "the role has the permission, and the place lies in its scope"
    ALIKE = "D", True, "as P: a scope is a place, shared by the departments there"
    FROM_ABOVE = "B", True, "the role has the permission, and what a place above issued holds here"
    LACKS = "L", False, "the role lacks the permission"
    OFFICE = "T", False, "the role lacks it as one of three offices apart (三员分立): no residents, no warnings"
    OUTSIDE = "O", False, "outside the scope: 404, as if it did not exist"

    def __init__(self, code: str, opens: bool | None, words: str) -> None:
        self.code, self.opens, self.words = code, opens, words


# Addresses whose blanks name nothing that lies at a place.
SYSTEM = ("/channels/<slug:name>/", "/gaps/<slug:kind>/")
WHOLE = ("/audit/archives/verify/", "/audit/archives/<slug:month>/", "/certificate/")
# What is asked of places below, or printed by somebody.
CONCERNS = ("/facts/asks/<int:pk>/draft/", "/paper/<int:key>/")
ASKED = ("/facts/asks/", "/facts/requests/")
# A warning is read at every place below the one that issued it, and calls are started there; nothing else is done.
WARNING, SCENARIO, LAYOUT = "/alerts/<slug:code>/", "/scenarios/<slug:name>/", "/facts/layouts/<int:pk>/"
READ = {
    Perm.ALERT_READ,
    Perm.CALL_START,
    Perm.HOUSEHOLD_READ,
    Perm.POST_READ,
    Perm.SHELTER_READ,
    Perm.SITE_READ,
}


def why(address: str, door: Door, role: Role, where: Where) -> Why:
    if isinstance(door, str):
        if door.startswith("public"):
            return Why.PUBLIC
        return Why.MINE if "<" in address else Why.SIGNED
    if not MAY[role] & set(door):
        return Why.OFFICE if role in THREE_OFFICERS else Why.LACKS
    for prefixes, reason in ((WHOLE, Why.WHOLE), (SYSTEM, Why.SYSTEM), (CONCERNS, Why.MINE)):
        if address.startswith(prefixes):
            return reason
    return _by_place(address, door, where) if "<" in address else Why.LIST


def _by_place(address: str, door: tuple[Perm, ...], where: Where) -> Why:
    if where is Where.ABOVE and address.startswith(ASKED):
        return Why.MINE
    if where is Where.ABOVE and holds_below(address) and (READ & set(door) or address == LAYOUT):
        return Why.FROM_ABOVE
    if where in (Where.BESIDE, Where.ABOVE):
        return Why.OUTSIDE
    return Why.ALIKE if where is Where.DEPARTMENT else Why.HELD


def holds_below(address: str) -> bool:
    """It names what a place issued for all below it, and nothing besides that lies somewhere itself."""
    besides = ("<slug:place>", "<int:call>", "<int:pk>")
    return address in (SCENARIO, LAYOUT) or (address.startswith(WARNING) and not any(one in address for one in besides))


def cell(address: str, door: Door, role: Role) -> str:
    """Five letters, one for each `Where`; one where they are all the same."""
    return _letters(why(address, door, role, where) for where in Where)


def cell_of_operation(path: str, door: ApiDoor, role: Role) -> str:
    return _letters(of_operation(path, door, role, where) for where in Where)


def _letters(whys: Iterable[Why]) -> str:
    letters = [one.code for one in whys]
    return letters[0] if len(set(letters)) == 1 else "".join(letters)


def legend() -> list[str]:
    order = "; ".join(f"{n}. {where.value}" for n, where in enumerate(Where, 1))
    return [
        f"Each cell says why, in five letters, for a thing that lies at: {order}. One letter holds for all five.",
        "",
        *(f"* `{one.code}`: {one.words}" for one in Why),
        "",
    ]


# Of the API: what is said of the pages holds, for addresses that are written otherwise.
API_SYSTEM, API_WHOLE, API_MINE = ("/gaps/{kind}",), ("/retention/{name}", "/certificate"), ("/users/rows/", "/paper/")
API_WARNING = "/alerts/{code}"


def of_operation(path: str, door: ApiDoor, role: Role, where: Where) -> Why:
    """Why a role gets an answer of an operation of the API, or none; `path` is what follows /api/v1."""
    if isinstance(door, Perm):
        door = (door,)
    if isinstance(door, str):
        return Why.MINE if "{" in path else Why.SIGNED
    if not MAY[role] & set(door):
        return Why.OFFICE if role in THREE_OFFICERS else Why.LACKS
    for prefixes, reason in ((API_WHOLE, Why.WHOLE), (API_SYSTEM, Why.SYSTEM), (API_MINE, Why.MINE)):
        if path.startswith(prefixes):
            return reason
    return _operation_at(path, door, where) if "{" in path else Why.LIST


def _operation_at(path: str, door: tuple[Perm, ...], where: Where) -> Why:
    if where is Where.ABOVE and path.startswith(ASKED):
        return Why.MINE
    issued_above = path.startswith(API_WARNING) and path.count("{") == 1
    if where is Where.ABOVE and issued_above and READ & set(door):
        return Why.FROM_ABOVE
    if where in (Where.BESIDE, Where.ABOVE):
        return Why.OUTSIDE
    return Why.ALIKE if where is Where.DEPARTMENT else Why.HELD
