"""Households, residents and posts, for programs. Personal fields are masked; opening them needs a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from lastmile.community.org.models import Place
from lastmile.community.people import actions, queries
from lastmile.community.people.classes import DataClass
from lastmile.community.people.models import Appointment, Contact, Household, Person, Upload, Vulnerability
from lastmile.community.people.queries import scope
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.tasks import import_workbook
from lastmile.kernel import clock
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["people"])

MOST_LISTED = 500
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]*$")]


class HouseholdOut(Schema):
    id: int
    place: str = Field(alias="place_id")
    number: str
    address: str = Field(description="masked")
    longitude: float | None
    latitude: float | None
    walking_order: int | None
    residents: int
    vulnerable: int
    moved_out_on: date | None
    reachable: bool | None = Field(None, description="whether anybody there has a usable contact")

    @staticmethod
    def resolve_address(household: Household) -> str:
        return str(household.address.masked())


class ContactOut(Schema):
    id: int
    kind: str
    value: str = Field(description="masked")
    rank: int
    usable: bool
    confirmed_at: datetime | None

    @staticmethod
    def resolve_value(contact: Contact) -> str:
        return str(contact.value.masked())


class PersonOut(Schema):
    id: int
    name: str = Field(description="masked")
    language: str
    vulnerable: bool
    minor: bool = Field(description="under 18: telling them does not tell their household")
    priority: int
    guardian: int | None = Field(None, alias="guardian_id")
    left_on: date | None
    contacts: list[ContactOut]

    @staticmethod
    def resolve_name(person: Person) -> str:
        return str(person.name.masked())

    @staticmethod
    def resolve_contacts(person: Person) -> list[Contact]:
        return list(person.contacts.all())


class HouseholdPage(HouseholdOut):
    members: list[PersonOut]

    @staticmethod
    def resolve_members(household: Household) -> list[Person]:
        return list(queries.members(household))


class HouseholdIn(Schema):
    place: str = Field(description="code of a grid, or of a village without grids")
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    address: Name
    longitude: float | None = Field(None, ge=70, le=140)
    latitude: float | None = Field(None, ge=0, le=56)
    walking_order: int | None = Field(None, ge=1, le=100_000)


class PersonIn(Schema):
    name: Name
    born: int | None = Field(None, description="year")
    phone: Short = ""
    email: Short = ""
    care: list[Vulnerability] = []
    note: Short = ""
    exposed: bool = False
    language: Annotated[str, StringConstraints(pattern="^(zh|en)$")] = "zh"


class Reason(Schema):
    reason: Short = Field("", description="may be empty for whoever must act on a warning in force there")
    classes: list[DataClass] = Field(list(DataClass), min_length=1, max_length=len(DataClass))


class OpenedOut(Schema):
    id: int
    name: str
    born: int | None
    care: list[Vulnerability]
    note: str
    address: str
    contacts: list[str]


class ContactIn(Schema):
    kind: Contact.Kind
    value: Short


class AppointIn(Schema):
    role: Appointment.Role
    phone: Short
    name: Short = Field("", description="needed only for somebody who is not known yet")


class HeldOut(Schema):
    post: int
    title: str
    kind: str
    site: int | None
    must_answer: bool
    holder: str | None = Field(description="masked")
    deputy: str | None = Field(description="masked")
    answers_today: str | None = Field(description="masked; the deputy while the holder is on leave")


@router.get("/households", response=list[HouseholdOut], summary="Households under a place, masked")
def list_households(
    request: HttpRequest, place: str = "", number: str = "", after: int = 0, limit: int = 100
) -> list[Household]:
    """By id; pass the last id as `after` for the next page."""
    rows = queries.households(actor(request), place[:15].replace("\0", ""))
    rows = rows.filter(pk__gt=after, number__icontains=number[:40].replace("\0", ""))
    return list(rows.order_by("pk")[: max(1, min(limit, MOST_LISTED))])


@router.post("/households", response={201: HouseholdOut}, summary="Enter a household")
def create_household(request: HttpRequest, data: HouseholdIn) -> Status[Household]:
    fields = data.dict()
    place = scope.place(actor(request), fields.pop("place"), Perm.HOUSEHOLD_EDIT)
    made = actions.add_household(place, **fields, by=actor(request))
    return Status(201, scope.household(actor(request), made.pk))  # read again: sealed, so that it can be masked


@router.get("/households/{int:pk}", response=HouseholdPage, summary="A household and who lives there, masked")
def get_household(request: HttpRequest, pk: int) -> Household:
    return scope.household(actor(request), pk)


@router.post("/households/{int:pk}/move", response=HouseholdOut, summary="Move out, or back in")
def move_household(request: HttpRequest, pk: int, out: bool = True) -> Household:
    household = scope.household(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    (actions.move_out if out else actions.move_in)(household, by=actor(request))
    return household


@router.post("/households/{int:pk}/residents", response={201: PersonOut}, summary="Enter a resident")
def create_person(request: HttpRequest, pk: int, data: PersonIn) -> Status[Person]:
    household = scope.household(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    made = actions.add_person(place=household.place, household=household, by=actor(request), **data.dict())
    return Status(201, scope.person(actor(request), made.pk))


@router.post("/people/{int:pk}/look", response=OpenedOut, summary="Open a person's fields, for a reason; logged")
def look(request: HttpRequest, pk: int, data: Reason) -> dict[str, Any]:
    """Only the classes asked for are opened, and noted; the name stays masked without `basic`."""
    person = scope.person(actor(request), pk, Perm.PERSON_REVEAL)
    return _opened(queries.look(actor(request), person, data.reason, data.classes))


@router.post("/households/{int:pk}/open", response=list[OpenedOut], summary="Open everybody of a household, on duty")
def open_household(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    """For whoever must act on a warning in force there, until it is over; logged with the warning as reason."""
    household = scope.household(actor(request), pk, Perm.PERSON_REVEAL)
    return [_opened(one) for one in queries.look_home(actor(request), household)]


def _opened(found: queries.Opened) -> dict[str, Any]:
    return {
        "id": found.person.pk,
        "name": found.name,
        "born": found.born,
        "care": found.kinds,
        "note": found.note,
        "address": found.address,
        "contacts": [value for _contact, value in found.contacts],
    }


@router.post("/people/{int:pk}/leave", response=PersonOut, summary="Take a person off the list, or put back")
def leave(request: HttpRequest, pk: int, gone: bool = True) -> Person:
    person = scope.person(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    (actions.leave_home if gone else actions.put_back)(person, by=actor(request))
    return person


@router.post("/people/{int:pk}/contacts", response={201: ContactOut}, summary="Add a contact")
def create_contact(request: HttpRequest, pk: int, data: ContactIn) -> Status[Contact]:
    person = scope.person(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    made = actions.new_contact(person, data.kind, data.value, by=actor(request))
    return Status(201, scope.contact(actor(request), made.pk))


@router.delete("/people/contacts/{int:pk}", response={204: None}, summary="Delete a contact for good")
def delete_contact(request: HttpRequest, pk: int) -> Status[None]:
    actions.delete_contact(scope.contact(actor(request), pk), by=actor(request))
    return Status(204, None)


@router.get("/places/{code}/holders", response=list[HeldOut], summary="Posts of a place and who answers today, masked")
def holders(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    scope.place(actor(request), code, Perm.POST_READ)

    def masked(held: Appointment | None) -> str | None:
        return held.person.name.masked() if held else None

    return [
        {
            "post": held.post.pk,
            "title": held.post.title,
            "kind": held.post.kind,
            "site": held.post.site_id,
            "must_answer": held.post.must_answer,
            "holder": masked(held.holder),
            "deputy": masked(held.deputy),
            "answers_today": masked(held.answers),
        }
        for held in queries.held_posts(code, clock.today())
    ]


@router.post("/posts/{int:pk}/appoint", response={201: dict[str, int]}, summary="Appoint a holder or deputy by phone")
def appoint(request: HttpRequest, pk: int, data: AppointIn) -> Status[dict[str, int]]:
    post = scope.post(actor(request), pk)
    made = actions.appoint_by_phone(post, data.role, phone=data.phone, name=data.name, by=actor(request))
    return Status(201, {"appointment": made.pk, "person": made.person_id})


@router.post("/appointments/{int:pk}/end", response={204: None}, summary="End an appointment today")
def end_appointment(request: HttpRequest, pk: int) -> Status[None]:
    actions.end_appointment(scope.appointment(actor(request), pk), by=actor(request))
    return Status(204, None)


class BookImported(Schema):
    imported: bool
    new: int
    known: int
    errors: dict[str, str] = Field({}, description="sentences by cell; nothing is imported while there is one")


@router.post("/places/{code}/sites/workbook", response=BookImported, summary="Import special sites: all rows or none")
def import_sites(request: HttpRequest, code: str, dry_run: bool = False) -> dict[str, Any]:
    """The body is an .xlsx file made from the template. `dry_run` only checks it."""
    return _import(request, scope.place(actor(request), code, Perm.SITE_EDIT), Upload.Kind.SITES, dry_run=dry_run)


@router.post("/places/{code}/terminals/workbook", response=BookImported, summary="Import terminals: all rows or none")
def import_terminals(request: HttpRequest, code: str, dry_run: bool = False) -> dict[str, Any]:
    """The body is an .xlsx file made from the template. `dry_run` only checks it."""
    place = scope.place(actor(request), code, Perm.TERMINAL_EDIT)
    return _import(request, place, Upload.Kind.TERMINALS, dry_run=dry_run)


def _import(request: HttpRequest, place: Place, kind: Upload.Kind, *, dry_run: bool) -> dict[str, Any]:
    upload = uploads.receive(place, "api.xlsx", request.body, by=actor(request), kind=kind)
    found = uploads.preview(upload)
    if dry_run or upload.errors:
        uploads.finish(upload, Upload.State.DROPPED, {})
    else:
        uploads.start(upload, lambda key: import_workbook.defer(pk=key))
    imported = not dry_run and not upload.errors
    return {"imported": imported, "new": found["new"], "known": found["known"], "errors": dict(found["errors"])}
