"""The community settles what a resident asks for: corrected, or not, with an answer the resident reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.people import actions as people
from lastmile.community.people.queries import note_look
from lastmile.duties import actions as duties
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Perm, require
from lastmile.modules.mydata.duties import PROPOSAL
from lastmile.modules.mydata.models import Proposal

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User


@transaction.atomic
def read(actor: User, one: Proposal) -> str:
    """The resident's words; opening them is a look like any other. Raises NotAllowed."""
    require(actor, Perm.PERSON_REVEAL, one.place)
    note_look(actor, one.person, _("a correction you asked for"), [])
    audit.record("people.look", actor=actor, place=one.place, obj=one.person)
    wish: str = one.wish.reveal()
    return wish


@transaction.atomic
def settle(actor: User, one: Proposal, *, done: bool, answer: str) -> None:
    """Name, year of birth and leaving are written as they were asked; the rest was changed on the household's page.

    Raises Refusal without an answer where nothing is changed, or for a year that can't be; Conflict when it is settled.
    """
    require(actor, Perm.HOUSEHOLD_EDIT, one.place)
    one = Proposal.objects.select_for_update(of=("self",)).select_related("person__household").get(pk=one.pk)
    answer = answer.replace("\0", "").strip()[:300]
    if one.state != Proposal.State.OPEN:
        raise Conflict(_("This wish is settled already."), _("Load the page again."))
    if not done and not answer:
        raise Refusal(
            _("Say why it is not changed."), _("The resident reads it."), fields={"answer": _("Write a sentence.")}
        )
    if done:
        _write(actor, one)
    one.state = Proposal.State.DONE if done else Proposal.State.REFUSED
    one.settled_at, one.settled_by, one.answer = clock.now(), str(actor)[:60], answer or None
    one.save(update_fields=["state", "settled_at", "settled_by", "answer"])
    duties.settle(PROPOSAL.name, str(one.pk), actor=actor)
    audit.record("mydata.settled", actor=actor, place=one.place, obj=one.person, what=one.what, done=done)


def _write(actor: User, one: Proposal) -> None:
    if one.what == Proposal.What.NAME:
        people.edit_person(one.person, by=actor, name=one.wish.reveal()[:60])
    elif one.what == Proposal.What.BORN:
        year = one.wish.reveal().strip()
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise Refusal(_("This is no year of birth."), _("Correct it on the household's page, then answer here."))
        people.edit_person(one.person, by=actor, born=int(year))
    elif one.what == Proposal.What.GONE and one.person.left_on is None:
        people.leave_home(one.person, by=actor)
