"""The verbs of an item as forms: what each reads, and the action it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.forms import Form
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import User
from lastmile.duties import actions
from lastmile.duties.forms.todo import DelegateForm, HandOverForm, SnoozeForm, TapForm, WordsForm
from lastmile.duties.models import Obligation
from lastmile.duties.sync import require_tap
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound

STAY = {"accept", "undo", "delegate", "recall"}  # these leave the person on the item's page


class Verb(NamedTuple):
    form: type[Form]
    do: Callable[[User, Obligation, dict[str, Any]], str]


def _done(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    require_tap(owed)
    actions.done(user, owed, key=data.get("key"))
    return _("Done.")


def _not_applicable(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    require_tap(owed)
    actions.not_applicable(user, owed, words=data["words"], key=data.get("key"))
    return _("Noted as not applicable.")


def _problem(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    require_tap(owed)
    actions.problem(user, owed, data["words"], key=data.get("key"))
    return _("The problem is on your list now; hand it over if somebody else must mend it.")


def _undo(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    actions.undo(user, owed, key=data.get("key"))
    return _("Taken back.")


def _accept(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    actions.accept(user, owed, key=data.get("key"))
    return _("You have taken it on.")


def _hand_over(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    actions.hand_over(user, owed, post=data["post"], words=data["words"])
    return _("Handed over.")


def _delegate(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    actions.delegate(user, owed, data["person"], until=data["until"], words=data["words"])
    return _("Delegated. You still answer for it.")


def _recall(user: User, owed: Obligation, _data: dict[str, Any]) -> str:
    actions.recall(user, owed)
    return _("The delegation has ended.")


def _snooze(user: User, owed: Obligation, data: dict[str, Any]) -> str:
    actions.snooze(user, owed, until=data["until"], reason=data["reason"])
    return _("Put off.")


VERBS = {
    "done": Verb(TapForm, _done),
    "undo": Verb(TapForm, _undo),
    "accept": Verb(TapForm, _accept),
    "not-applicable": Verb(WordsForm, _not_applicable),
    "problem": Verb(WordsForm, _problem),
    "hand-over": Verb(HandOverForm, _hand_over),
    "delegate": Verb(DelegateForm, _delegate),
    "recall": Verb(TapForm, _recall),
    "snooze": Verb(SnoozeForm, _snooze),
}


def _options(verb: str, owed: Obligation, who: str) -> dict[str, Any]:
    return {"obligation": owed, "who": who} if VERBS[verb].form in (HandOverForm, DelegateForm) else {}


def read(verb: str, owed: Obligation, data: Mapping[str, Any]) -> Form:
    if verb not in VERBS:
        raise NotFound(_("There is no such address."), _("Go back to the list."))
    return VERBS[verb].form(data, **_options(verb, owed, ""))


def do(verb: str, user: User, owed: Obligation, data: dict[str, Any]) -> str:
    """Do it; the sentence says what is true now."""
    return VERBS[verb].do(user, owed, data)


def forms(owed: Obligation, who: str) -> dict[str, Form]:
    """An empty form of each verb that needs one, with a fresh key."""
    tomorrow = (clock.now() + timedelta(days=1)).astimezone(clock.BEIJING)
    initial = {"key": uuid4(), "until": tomorrow.replace(hour=9, minute=0)}
    made = {}
    for verb, entry in VERBS.items():
        if entry.form is not TapForm:
            name = verb.replace("-", "_")
            made[name] = entry.form(initial=initial, auto_id=f"{name}-%s", **_options(verb, owed, who))
    made["delegate"].initial["until"] = tomorrow.date().isoformat()
    return made
