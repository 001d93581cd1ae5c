"""What a workbook of log-ins would do, row by row, by the very rules of the single form. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from lastmile.community.accounts import actions, persons, queries
from lastmile.community.accounts.book.layout import HEADINGS, ROLES, SHEET
from lastmile.community.accounts.forms import UserForm
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.community.people.models import Person
from lastmile.community.people.sheets.cells import Wrong, choice
from lastmile.community.people.sheets.read import Row, Sheets
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

WORDS: dict[str, str | Promise] = {
    "new": pgettext_lazy("log-in of a workbook", "new"),
    "changed": pgettext_lazy("log-in of a workbook", "changed"),
    "same": pgettext_lazy("log-in of a workbook", "unchanged"),
}
OFFICES = ROLES | {role.value: role for role in Role}  # programs write the key


@dataclass(frozen=True)
class Line:
    """What a row does: makes a log-in, or adds a role or the person behind to one that is there."""

    row: Row
    role: Role
    place: Place
    user: User | None
    contact: str
    adds: bool  # the role is not held there yet
    joins: bool  # the person behind is not this one yet

    @property
    def what(self) -> str:
        if self.user is None:
            return "new"
        return "changed" if self.adds or self.joins else "same"

    @property
    def word(self) -> str | Promise:
        return WORDS[self.what]


@dataclass
class Plan:
    """Not to be written unless `errors` is empty."""

    lines: list[Line] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def of(self, what: str) -> list[Line]:
        return [line for line in self.lines if line.what == what]

    @property
    def counts(self) -> dict[str, int]:
        return {what: len(self.of(what)) for what in WORDS}

    @property
    def key(self) -> list[list[Any]]:
        """To see whether something has moved since the preview."""
        return [[line.row.line, line.what, line.role.value, line.place.code, line.adds] for line in self.lines]


class Checker:
    """The rows one after another; what is wrong is noted beside its cell."""

    def __init__(self, by: User, found: Sheets) -> None:
        names = [row["username"] for row in found.rows[SHEET] if row["username"]]
        self.by, self.found = by, found
        self.known = {user.username: user for user in User.objects.filter(username__in=names)}
        seen = queries.visible(by, Perm.USER_EDIT).filter(username__in=names)
        self.visible = set(seen.values_list("pk", flat=True))
        self.places: dict[str, Place] = {}
        self.names: dict[str, int] = {}
        self.people: dict[int, int] = {}  # person → row that joins them

    @contextmanager
    def cell(self, row: Row, name: str) -> Iterator[None]:
        """A rule that is broken inside is said at this cell."""
        try:
            yield
        except Refusal as refusal:
            self.tell(row, name, f"{refusal.says} {refusal.mend}".strip())
        except ValidationError as error:
            self.tell(row, name, " ".join(error.messages))
        except Wrong as wrong:
            self.tell(row, name, str(wrong))

    def tell(self, row: Row, name: str, says: str) -> None:
        self.found.wrong(SHEET, HEADINGS[name], row.line, says)

    def line(self, row: Row) -> Line | None:
        """The row, if every rule holds."""
        if None in row.values.values():
            return None  # its cells are named already
        before = self.found.error_count
        user = self._user(row)
        role = place = None
        with self.cell(row, "office"):
            role = cast("Role", choice(row["office"], OFFICES))
        with self.cell(row, "area"):
            place = self._place(row["area"])
        person = self._person(row, user)
        if self.found.error_count > before or role is None or place is None:
            return None
        adds = user is None or (role, place.code) not in user.held
        with self.cell(row, "office"):
            if adds:
                actions.check_grant(role, place, user=user, by=self.by)
        if self.found.error_count > before:
            return None
        joins = person is not None and (user is None or user.person_id != person.pk)
        return Line(row, role, place, user, row["contact"], adds, joins)

    def _user(self, row: Row) -> User | None:
        """The log-in of this name; a new one's name and display name are checked as the form does."""
        name = row["username"]
        for cell in ("username", "display_name"):
            with self.cell(row, cell):
                UserForm.base_fields[cell].clean(row[cell])
        if self.names.setdefault(name, row.line) != row.line:
            self.tell(row, "username", _("The same as in row %(line)s.") % {"line": self.names[name]})
        user = self.known.get(name)
        if user is not None and user.pk not in self.visible:
            self.tell(row, "username", _("The user name “%(name)s” is taken.") % {"name": name})
        elif user is not None and user.display_name != row["display_name"]:
            says = _("This log-in is called “%(name)s” here; a workbook renames nobody.") % {"name": user.display_name}
            self.tell(row, "display_name", says)
        return user

    def _place(self, text: str) -> Place:
        if text not in self.places:
            self.places[text] = queries.place(self.by, text, Perm.USER_EDIT)
        return self.places[text]

    def _person(self, row: Row, user: User | None) -> Person | None:
        """Who the number belongs to; one person has one log-in, and only whoever may tend a log-in joins it."""
        person = None
        if row["contact"]:
            with self.cell(row, "contact"):
                person = persons.found(row["contact"], self.by)
                if user is None or user.person_id != person.pk:
                    self._joinable(row, person, user)
        return person

    def _joinable(self, row: Row, person: Person, user: User | None) -> None:
        if user is not None:
            actions.require_tended(user, self.by)
        persons.require_free(person, user)
        if self.people.setdefault(person.pk, row.line) != row.line:
            raise Wrong(_("The same as in row %(line)s.") % {"line": self.people[person.pk]})


def planned(by: User, found: Sheets) -> Plan:
    """What is new, changed, unchanged and wrong, beside the log-ins there are now."""
    checker = Checker(by, found)
    lines = [checker.line(row) for row in found.rows[SHEET]]
    return Plan([line for line in lines if line is not None], found.errors)
