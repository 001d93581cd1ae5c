"""What came back, for programs: coverage by place and over time, and answers entered by other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from lastmile.alerting import claims, coverage, findings, panels, receipts, report, reported, sight
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

HELP_LISTED = 1000

router = Router(tags=["coverage"])


class Figures(Schema):
    """People of an area. `delivered` includes opened and answered, `confirmed` every better answer."""

    people: int
    told: int
    delivered: int
    failed: int
    opened: int
    confirmed: int
    safe: int
    moved: int
    needs_help: int
    refused: int
    absent: int
    unreachable: int
    unreached: int
    silent: int


class DoorFigures(Schema):
    """Households: all, and those of which a grown member was told, is reached, has confirmed; `unreached` are the doors
    to knock on."""

    doors: int
    told: int
    delivered: int
    confirmed: int
    unreached: int
    silent: int


class PlaceFigures(Schema):
    code: str
    name: str
    all: Figures
    vulnerable: Figures
    households: DoorFigures


class FindingOut(Schema):
    """One thing that stands still and what mends it. `where` is `event <key>`, `channel <name>`, `duty <name>`,
    `alert <code>` or `worker`."""

    says: str
    mend: str
    since: datetime | None
    where: str


class CoverageOut(Schema):
    """`times`: seconds from issue until 50, 90 and 99 percent; null while not yet. `looked_at`: when the watchdog last
    looked for what stands still; null where it never did."""

    place: str
    all: Figures
    vulnerable: Figures
    households: DoorFigures
    pending: int
    times: dict[str, dict[str, float | None]]
    times_of_households: dict[str, dict[str, float | None]]
    children: list[PlaceFigures]
    channels: list[dict[str, Any]]
    reported: dict[str, Any] = Field(description="by systems below: links, and together with what is held here")
    standstills: list[FindingOut]
    looked_at: datetime | None


class AnswerIn(Schema):
    """`key` is yours: the same key is entered once. `fact`: 4 confirmed, 5 safe, 6 moved, 7 needs help, 8 refuses,
    9 nobody there, 10 can't be reached, 11 taken back."""

    place: Annotated[str, Field(pattern=r"^\d{4,15}$")]
    persons: Annotated[list[Annotated[int, Field(ge=1, lt=2**31)]], Field(min_length=1, max_length=1000)]
    fact: Annotated[int, Field(ge=4, le=11)]
    key: Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[\w.-]+$")]
    happened_at: datetime | None = None
    note: Annotated[str, Field(max_length=200)] = ""


class Entered(Schema):
    new: int


@router.get(
    "/alerts/{code}/coverage", response=CoverageOut, summary="Coverage of a warning at a place and one level below"
)
def coverage_of(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    """The figures of a place of a warning, and of the places one level below."""
    event, found = sight.seen(actor(request), code, place[:15])
    whole = coverage.of(event, found.code)
    people, doors = coverage.curves(event, found.code)
    watch = findings.current(event)
    return {
        "place": found.code,
        "all": whole.all.as_dict(),
        "vulnerable": whole.vulnerable.as_dict(),
        "households": whole.doors.as_dict(),
        "pending": whole.pending,
        "times": report.seconds(coverage.times(whole.all.people, people)),
        "times_of_households": report.seconds(coverage.times(whole.doors.doors, doors)),
        "children": [
            {
                "code": row.code,
                "name": row.name,
                "all": row.all.as_dict(),
                "vulnerable": row.vulnerable.as_dict(),
                "households": row.doors.as_dict(),
            }
            for row in (coverage.children(event, found.code) if len(found.code) < 15 else [])
        ],
        "channels": [vars(row) for row in coverage.channels(event, found.code)],
        "reported": reported.plain(event, found.code, whole),
        "standstills": watch.findings,
        "looked_at": watch.looked_at,
    }


@router.get("/alerts/{code}/report", response=dict[str, Any], summary="The after-action report as data")
def report_of(request: HttpRequest, code: str) -> dict[str, Any]:
    """The after-action report as data; names are masked."""
    event, found = sight.seen(actor(request), code, perm=Perm.HOUSEHOLD_READ)
    return report.build(event, found.code)


@router.post("/alerts/{code}/answers", response=Entered, summary="Enter answers on behalf of people")
def enter(request: HttpRequest, code: str, answer: AnswerIn) -> dict[str, int]:
    """Enter an answer on behalf of people listed at a place."""
    event, found = sight.seen(actor(request), code, answer.place, Perm.ALERT_RECEIPT)
    at = answer.happened_at
    entry = receipts.Entry(
        place=found.code,
        persons=answer.persons,
        fact=answer.fact,
        nonce=answer.key,
        happened_at=at if at is None or at.tzinfo else at.replace(tzinfo=BEIJING),
        note=answer.note.replace("\0", ""),
    )
    new = receipts.enter(actor(request), event, entry)
    return {"new": new}


class HelpOut(Schema):
    """A door that asks for help. `by`: the work name of who has it; null: nobody yet. Names are masked."""

    id: int | None = Field(description="to claim it by; null while it is not yet owed")
    name: str
    place: str
    household: int | None
    people: int
    vulnerable: bool
    at: datetime | None
    by: str | None
    since: datetime | None


class ClaimIn(Schema):
    place: Annotated[str, Field(pattern=r"^\d{4,15}$")]
    release: bool = False


@router.get("/alerts/{code}/help", response=list[HelpOut], summary="Who asks for help, and who has it")
def help_asked(request: HttpRequest, code: str, place: str = "") -> list[dict[str, Any]]:
    """The first thousand doors: what nobody has, then the vulnerable, then who has waited longest."""
    event, found = sight.seen(actor(request), code, place[:15], Perm.HOUSEHOLD_READ)
    return [_help(row) for row in panels.calls(actor(request), event, found, HELP_LISTED).rows]


def _help(row: panels.HelpRow) -> dict[str, Any]:
    names = ("name", "place", "household", "people", "vulnerable", "at")
    shown = {name: getattr(row.call, name) for name in names}
    claim = row.claim
    owed = (
        {"id": claim.obligation, "by": claim.by, "since": claim.since}
        if claim
        else dict.fromkeys(("id", "by", "since"))
    )
    return shown | owed


@router.post("/alerts/{code}/help/{pk}", response={204: None}, summary="I have it; or not after all")
def help_claimed(
    request: HttpRequest, code: str, pk: Annotated[int, Path(ge=1, le=2**62)], body: ClaimIn
) -> Status[None]:
    """409 with the name of whoever was faster."""
    event, found = sight.seen(actor(request), code, body.place, Perm.ALERT_RECEIPT)
    act = claims.release if body.release else claims.claim
    act(actor(request), event, found.code, pk)
    return Status(204, None)
