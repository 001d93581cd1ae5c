"""What residents change about themselves at once, and what goes to their community as a proposal."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.owed import keepers
from lastmile.community.cells.actions import helping
from lastmile.community.cells.models import Helper, How, Pair
from lastmile.community.people import actions as people
from lastmile.community.people.models import Contact, Language, Person
from lastmile.duties import actions as duties
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm
from lastmile.modules.mydata.actor import Own
from lastmile.modules.mydata.duties import PROPOSAL
from lastmile.modules.mydata.models import Proposal

ANSWER_WITHIN = timedelta(days=7)
MOST_OPEN = 10  # proposals of one person that wait
VILLAGE = 12


def by(person: Person) -> Own:
    return Own(person.pk)


def set_language(person: Person, language: str) -> None:
    if language not in Language.values:
        raise Refusal(_("There is no such language."), _("Choose one of the list."))
    people.edit_person(person, by=by(person), language=language)


def contact(person: Person, pk: int, verb: str) -> None:
    """first, stop, use or delete one of their own contacts. Raises NotFound, Refusal for the last one in use."""
    one = Contact.objects.select_related("person").filter(pk=pk, person=person).first()
    if one is None or verb not in {"first", "stop", "use", "delete"}:
        raise NotFound(_("This is none of your contacts."), _("Go back to your page."))
    others = Contact.objects.filter(person=person, usable=True).exclude(pk=pk).exists()
    if verb in {"stop", "delete"} and one.usable and not others:
        raise Refusal(
            _("This is the last way to warn you."),
            _("Add another number first. If you want no warnings at all, ask your community below."),
        )
    who = by(person)
    if verb == "first":
        people.put_first(one, by=who)
    elif verb == "delete":
        people.delete_contact(one, by=who)
    else:
        people.set_usable(one, verb == "use", by=who)


@transaction.atomic
def withdraw(person: Person, kind: str, pk: int) -> None:
    """A consent among neighbours is taken back. Raises NotFound for another's."""
    helper = Helper.objects.select_related("cell", "pair__resident").filter(pk=pk, person=person, until=None).first()
    pair = Pair.objects.select_related("resident").filter(pk=pk, resident=person, until=None).first()
    if kind == "helper" and helper is not None:
        helping.withdraw(helper, how=How.PAGE, by=by(person), place=helper.where)
    elif kind == "pair" and pair is not None:
        helping.end_pair(pair, by=by(person))
    else:
        raise NotFound(_("There is no such consent any more."), _("Go back to your page."))


def forget_health(person: Person) -> None:
    """What is known of their needs goes: it was given freely. Whoever knocks first does not know of it any more."""
    people.edit_person(person, by=by(person), care=[], note="")
    audit.record("mydata.health_deleted", actor=by(person), place=person.place_id, obj=person)


@transaction.atomic
def propose(person: Person, what: str, wish: str) -> Proposal:
    """A correction that the community decides; it is owed there until it is settled. Raises Refusal."""
    wish = wish.replace("\0", "").strip()[:500]
    if what not in Proposal.What.values or not wish:
        raise Refusal(
            _("Say what is wrong, and what is right."),
            _("One sentence is enough."),
            fields={"wish": _("Write what is right.")},
        )
    Person.objects.select_for_update().get(pk=person.pk)
    if Proposal.objects.filter(person=person, state=Proposal.State.OPEN).count() >= MOST_OPEN:
        raise Refusal(_("Your community has not answered your earlier wishes yet."), _("Wait, or call them."))
    made = Proposal.objects.create(person=person, place=person.place_id, what=what, wish=wish, made_at=clock.now())
    post = keepers({person.place_id}).get(person.place_id)
    duties.create(
        actor=by(person),
        kind=PROPOSAL.name,
        key=str(made.pk),
        title=_("A resident asks: %(what)s") % {"what": made.get_what_display()},
        place=person.place_id[:VILLAGE],
        post=post,
        perm="" if post else Perm.HOUSEHOLD_EDIT,
        due_at=clock.now() + ANSWER_WITHIN,
        detail={"proposal": made.pk},
    )
    audit.record("mydata.proposed", actor=by(person), place=person.place_id, obj=person, what=what)
    return made
