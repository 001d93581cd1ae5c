"""Objects through the permission only: 404 outside the actor's area, 403 where they may only look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastmile.community.org.models import Place, Post
from lastmile.community.people.models import Appointment, Contact, Household, Person, Upload
from lastmile.kernel.permissions import Perm, obtain

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def place(actor: Actor, code: str, perm: Perm = Perm.HOUSEHOLD_READ) -> Place:
    see = Perm.POST_READ if perm in {Perm.POST_EDIT, Perm.POST_READ} else Perm.PLACE_READ
    return obtain(Place.objects.all(), actor, perm, see=see, place_of=lambda found: found.code, code=code)


def household(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_READ) -> Household:
    rows = Household.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.place_id, pk=pk)


def person(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_READ) -> Person:
    rows = Person.objects.select_related("place", "household")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.place_id, pk=pk)


def contact(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_EDIT) -> Contact:
    rows = Contact.objects.select_related("person")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.person.place_id, pk=pk)


def post(actor: Actor, pk: int, perm: Perm = Perm.POST_EDIT) -> Post:
    rows = Post.objects.select_related("place", "site")
    return obtain(rows, actor, perm, see=Perm.POST_READ, place_of=lambda found: found.place_id, pk=pk)


def appointment(actor: Actor, pk: int, perm: Perm = Perm.POST_EDIT) -> Appointment:
    rows = Appointment.objects.select_related("post", "person")
    return obtain(rows, actor, perm, see=Perm.POST_READ, place_of=lambda found: found.post.place_id, pk=pk)


UPLOADS = {Upload.Kind.SITES.value: Perm.SITE_EDIT, Upload.Kind.TERMINALS.value: Perm.TERMINAL_EDIT}


def upload(actor: Actor, pk: int) -> Upload:
    rows = Upload.objects.select_related("place")
    kind = rows.filter(pk=pk).values_list("kind", flat=True).first()
    perm = UPLOADS.get(str(kind), Perm.HOUSEHOLD_IMPORT)
    return obtain(rows, actor, perm, see=perm, place_of=lambda found: found.place_id, pk=pk)
