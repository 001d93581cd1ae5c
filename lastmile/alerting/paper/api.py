"""Paper for programs: print sheets, ask what a code means, type outcomes back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting import door_codes, sight
from lastmile.alerting.paper import entering, printing, reading
from lastmile.alerting.paper.reading import Reading
from lastmile.community.accounts.queries import me
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.permissions import Perm

router = Router(tags=["paper"])

Code = Annotated[str, Field(pattern=r"^\d{4,15}$")]
Text = Annotated[str, Field(max_length=reading.LENGTH)]


class PrintIn(Schema):
    """`kinds`: calls, transfer, shelter. `left_only`: only doors where nobody grown has answered. `reason`: why you
    need the names; not needed by whoever is on the duty chain of this warning there."""

    place: Code
    kinds: list[str] = ["calls", "transfer", "shelter"]
    left_only: bool = False
    reason: Annotated[str, Field(max_length=200)] = ""


class PrintOut(Schema):
    """`state`: queued, ready, failed, gone. `done` of `total` places are drawn."""

    id: int
    state: str
    done: int
    total: int
    pages: int
    refusal: dict[str, str]


class CodeOut(Schema):
    number: int
    code: str
    household: int


class TextIn(Schema):
    place: Code
    text: Text


class TypedIn(TextIn):
    """`key` is yours: the same key is entered once. `happened_at` empty: now."""

    key: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[\w.-]+$")]
    happened_at: datetime | None = None


class ReadingOut(Schema):
    """`says` and `mend` are empty where the token can be entered."""

    token: str
    number: int
    digit: str
    means: str
    door: str
    who: str
    now: str
    says: str
    mend: str


class TypedOut(Schema):
    """`left` were not entered; type them again when they are mended."""

    entry: int | None
    done: list[ReadingOut]
    left: list[ReadingOut]


def shown(one: Reading) -> dict[str, Any]:
    return vars(one) | {"means": one.means}


@router.post("/alerts/{code}/paper", response=PrintOut, summary="Print the sheets of a place")
def print_sheets(request: HttpRequest, code: str, wish: PrintIn) -> Any:
    """Print the sheets of a grid, village or township; poll the answer until it is ready."""
    event, found = sight.seen(me(request), code, wish.place, Perm.PERSON_REVEAL)
    made = printing.ask(me(request), event, found.code, wish.kinds, left_only=wish.left_only, reason=wish.reason)
    printing.start(made)
    made.refresh_from_db()
    return made


@router.get("/paper/{key}", response=PrintOut, summary="How far a print is")
def print_state(request: HttpRequest, key: Annotated[int, Field(ge=1, lt=2**31)]) -> Any:
    """How far one's own print is."""
    return printing.print_of(me(request), key)


@router.get("/paper/{key}/pdf", include_in_schema=False)
def print_file(request: HttpRequest, key: Annotated[int, Field(ge=1, lt=2**31)]) -> HttpResponse:
    """The sheets; every fetch is in the audit trail."""
    wish = printing.print_of(me(request), key)
    return HttpResponse(printing.pdf(me(request), wish), content_type="application/pdf")


@router.get("/alerts/{code}/door-codes", response=list[CodeOut], summary="Door codes of the households of a grid")
def door_codes_of(request: HttpRequest, code: str, place: str) -> list[dict[str, Any]]:
    """The codes of the households of one grid, as on paper, phones and pages."""
    event, found = sight.seen(me(request), code, place[:15], Perm.HOUSEHOLD_READ)
    made = door_codes.numbers(event, found.code).items()
    return [
        {"number": number, "code": str(door_codes.code(event.warning, found.code, number)), "household": home}
        for home, number in made
    ]


@router.post("/alerts/{code}/paper/read", response=list[ReadingOut], summary="What codes and digits of a sheet mean")
def read(request: HttpRequest, code: str, typed: TextIn) -> list[dict[str, Any]]:
    """What codes and digits mean, without entering anything."""
    event, found = sight.seen(me(request), code, typed.place, Perm.ALERT_RECEIPT)
    return [shown(one) for one in reading.read(reading.sheet(event, found.code), typed.text)]


@router.post("/alerts/{code}/paper/answers", response=TypedOut, summary="Enter what stands on a sheet")
def enter(request: HttpRequest, code: str, typed: TypedIn) -> dict[str, Any]:
    """Enter what stands on a sheet: `12-1 13-2`."""
    event, found = sight.seen(me(request), code, typed.place, Perm.ALERT_RECEIPT)
    at = typed.happened_at
    at = at if at is None or at.tzinfo else at.replace(tzinfo=BEIJING)
    outcome = entering.enter(me(request), event, entering.Typed(found.code, typed.text, typed.key, at))
    return {
        "entry": outcome.entry.pk if outcome.entry else None,
        "done": [shown(one) for one in outcome.done],
        "left": [shown(one) for one in outcome.left],
    }


@router.post(
    "/alerts/{code}/paper/entries/{key}/undo", response=dict[str, int], summary="Take one entry of a sheet back"
)
def undo(request: HttpRequest, code: str, place: str, key: Annotated[int, Field(ge=1, lt=2**31)]) -> dict[str, int]:
    """Take one entry back; what stood there before counts again."""
    event, found = sight.seen(me(request), code, place[:15], Perm.ALERT_RECEIPT)
    return {"people": entering.undo(me(request), event, entering.entry_of(event, found.code, key))}
