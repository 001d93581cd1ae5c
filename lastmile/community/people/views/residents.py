"""Residents: open what is sealed, enter, edit, let leave, and their contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.people import actions, queries
from lastmile.community.people.classes import DataClass
from lastmile.community.people.filled import filled
from lastmile.community.people.forms import ContactForm, GuardianForm, NewPersonForm, PersonForm
from lastmile.community.people.models import Person, Priority
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm


def home(person: Person) -> HttpResponse:
    return redirect("household", person.household_id) if person.household_id else redirect("staff")


@require_POST
@never_cache
@needs(Perm.PERSON_REVEAL)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """The opened fields, as a fragment in place of the masked ones."""
    person = scope.person(actor(request), pk, Perm.PERSON_REVEAL)
    opened = queries.look(actor(request), person, request.POST.get("reason", ""), _classes(request))
    return render(request, "people/opened.html", {"opened": opened, "looks": queries.looks(person)[:10]})


def _classes(request: HttpRequest) -> list[DataClass]:
    """The classes ticked; all of them for a form that offers no choice."""
    if not request.POST.get("choose"):
        return list(DataClass)
    ticked = [one for one in DataClass if one.value in request.POST.getlist("class")]
    if not ticked:
        raise Refusal(_("Nothing is chosen."), _("Tick what you need to see."))
    return ticked


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.HOUSEHOLD_EDIT)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    household = scope.household(who, pk, Perm.HOUSEHOLD_EDIT)
    form = NewPersonForm(request.POST or None)

    def write(data: dict[str, Any]) -> HttpResponse:
        actions.add_person(place=household.place, household=household, by=who, **data)
        messages.success(request, _("The resident is entered."))
        return redirect("household", pk)

    title = _("New resident in household %(number)s") % {"number": household.number}
    return filled(request, form, write, title=title, back=["household", pk])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.PERSON_REVEAL)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening the form opens the fields: that look is logged like any other."""
    who = actor(request)
    person = scope.person(who, pk, Perm.HOUSEHOLD_EDIT)
    first = None if request.method == "POST" else _first(queries.look(who, person, _("to correct the entry")))
    form = PersonForm(request.POST or None, initial=first)

    def write(data: dict[str, Any]) -> HttpResponse:
        actions.edit_person(person, by=who, **data)
        messages.success(request, _("Saved."))
        return home(person)

    intro = _("These fields are open while you edit. Your look at them is logged.")
    back = ["household", person.household_id] if person.household_id else ["staff"]
    return filled(request, form, write, title=_("Edit resident"), back=back, intro=intro)


def _first(opened: queries.Opened) -> dict[str, Any]:
    person = opened.person
    return {
        "name": opened.name,
        "born": opened.born,
        "care": opened.kinds,
        "note": opened.note,
        "language": person.language,
        "exposed": person.priority >= Priority.EXPOSED,
    }


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Gone, or back: the button on the page says which."""
    person = scope.person(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    if person.left_on is None:
        actions.leave_home(person, by=actor(request))
        messages.success(request, _("Taken off the list: no more warnings. “Put back” undoes it."))
    else:
        actions.put_back(person, by=actor(request))
        messages.success(request, _("The resident is back on the list."))
    return home(person)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def guardian(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    person = scope.person(who, pk, Perm.HOUSEHOLD_EDIT)
    form = GuardianForm(request.POST or None)

    def write(data: dict[str, Any]) -> HttpResponse:
        found = queries.by_contact(data["phone"]).first() if data["phone"] else None
        if data["phone"] and found is None:
            raise NotFound(_("Nobody with this phone is known here."), _("Enter that person first, with the phone."))
        actions.edit_person(person, by=who, guardian=found)
        return home(person)

    back = ["household", person.household_id] if person.household_id else ["staff"]
    return filled(request, form, write, title=_("Who looks after this resident"), back=back)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def contact_add(request: HttpRequest, pk: int) -> HttpResponse:
    person = scope.person(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    form = ContactForm(request.POST)
    if form.is_valid():
        actions.new_contact(person, form.cleaned_data["kind"], form.cleaned_data["value"], by=actor(request))
        messages.success(request, _("The contact is entered."))
    else:
        messages.error(request, _("Write the number or address."))
    return home(person)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def contact_change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    contact = scope.contact(actor(request), pk)
    person = contact.person
    change = {
        "first": lambda: actions.put_first(contact, by=actor(request)),
        "stop": lambda: actions.set_usable(contact, False, by=actor(request)),
        "use": lambda: actions.set_usable(contact, True, by=actor(request)),
        "delete": lambda: actions.delete_contact(contact, by=actor(request)),
    }.get(verb)
    if change is None:
        raise NotFound(_("There is no such step."), _("Go back and use the buttons."))
    change()
    return home(person)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def looks(request: HttpRequest, pk: int) -> HttpResponse:
    """Who opened this resident's fields: shown to the resident on request."""
    person = scope.person(actor(request), pk)
    context = {"title": _("Who looked"), "person": person, "looks": queries.looks(person)[:200]}
    return render(request, "people/looks.html", context)
