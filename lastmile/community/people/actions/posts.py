"""Appoint people to posts, end it, and note their days of leave."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.community.people import signals
from lastmile.community.people.actions.people import add_person
from lastmile.community.people.models import Appointment, Leave, Person
from lastmile.community.people.queries import by_contact
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

LONGEST_LEAVE = 366  # days


@transaction.atomic
def appoint(post: Post, person: Person, role: str, *, by: Actor) -> Appointment:
    """Let the person hold the post from today, as holder or deputy; whoever held it before is ended today.

    Raises Conflict for a closed post, and Refusal when holder and deputy would be the same person.
    """
    if post.closed_on is not None:
        raise Conflict(_("This post is closed."), _("Open it again, or appoint to another post."))
    current = Appointment.objects.select_for_update().filter(post=post, until=None)
    if current.filter(person=person).exclude(role=role).exists():
        raise Refusal(
            _("This person is already the other one of holder and deputy here."),
            _("Choose somebody else, so that one can stand in for the other."),
        )
    before = current.filter(role=role).first()
    if before is not None and before.person_id == person.pk:
        return before
    current.filter(role=role).update(until=clock.today())
    made = Appointment.objects.create(post=post, person=person, role=Appointment.Role(role), since=clock.today())
    audit.record("people.appoint", actor=by, place=post.place_id, obj=post, role=str(role), person=person.pk)
    gone = before.person if before else None
    signals.held.send(Post, post=post, role=str(role), before=gone, after=person, actor=by)
    return made


@transaction.atomic
def appoint_by_phone(post: Post, role: str, *, phone: str, name: str = "", by: Actor) -> Appointment:
    """Appoint whoever has this number; if nobody has it, the person is entered with `name` at the post's place.

    Raises Refusal on a malformed number or a missing name, Conflict when several people share the number.
    """
    known = list(by_contact(phone)[:5])
    if len(known) > 1:
        mine = [person for person in known if name and person.name.reveal() == name]
        if len(mine) != 1:
            raise Conflict(
                _("Several people share this number."), _("Write the person's full name as well, or another number.")
            )
        known = mine
    if not known and not name.strip():
        raise Refusal(
            _("Nobody with this number is known here."),
            _("Write the name as well, then the person is entered."),
            fields={"name": _("Write the name.")},
        )
    person = known[0] if known else add_person(name=name.strip(), place=post.place, phone=phone, by=by)
    return appoint(post, person, role, by=by)


@transaction.atomic
def end_appointment(appointment: Appointment, *, by: Actor) -> None:
    """From today the person no longer holds the post."""
    if appointment.until is None:
        appointment.until = clock.today()
        appointment.save(update_fields=["until"])
        post = appointment.post
        audit.record("people.end_appointment", actor=by, place=post.place_id, obj=post, role=appointment.role)
        before = appointment.person
        signals.held.send(Post, post=post, role=appointment.role, before=before, after=None, actor=by)


@transaction.atomic
def take_leave(person: Person, first_day: date, last_day: date, *, reason: str = "", by: Actor) -> Leave:
    """Note days on which the deputy stands in. Raises Refusal when the days are in the wrong order or very many."""
    if last_day < first_day:
        raise Refusal(
            _("The last day lies before the first."),
            _("Correct one of the two days."),
            fields={"last_day": _("Must not lie before the first day.")},
        )
    if (last_day - first_day).days >= LONGEST_LEAVE:
        raise Refusal(_("This leave is longer than a year."), _("End the appointment instead, and appoint somebody."))
    leave, _new = Leave.objects.update_or_create(
        person=person, first_day=first_day, defaults={"last_day": last_day, "reason": reason[:100]}
    )
    audit.record("people.take_leave", actor=by, place=person.place_id, obj=person)
    return leave


@transaction.atomic
def end_leave(person: Person, *, by: Actor) -> None:
    """The person is back today: running leave ends yesterday, leave that began today is dropped."""
    running = Leave.objects.filter(person=person, first_day__lte=clock.today(), last_day__gte=clock.today())
    running.filter(first_day=clock.today()).delete()
    running.update(last_day=date.fromordinal(clock.today().toordinal() - 1))
    audit.record("people.end_leave", actor=by, place=person.place_id, obj=person)
