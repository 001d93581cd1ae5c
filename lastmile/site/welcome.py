"""The first minutes of an empty system: a city, five log-ins, and the door closes for good.

The page is open only while no log-in exists, and only with the token that `lastmile run` prints: whoever can read the
terminal may set it up, nobody else can be faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import compare_digest

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from lastmile.community.accounts import passwords
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org import divisions, loading
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.kernel import audit, locks
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal

CARRIED = "4101"

# The log-ins every system starts with: role, user name and work name to begin from.
FIRST: list[tuple[Role, str]] = [
    (Role.SYSTEM_ADMIN, "sysadmin"),
    (Role.SECURITY_ADMIN, "secadmin"),
    (Role.AUDITOR, "auditor"),
    (Role.DUTY_OFFICER, "duty"),
    (Role.APPROVER, "approver"),
]


@dataclass(frozen=True)
class Slip:
    """What is handed to one person on paper: a log-in and the password that must be changed at first use."""

    role: Role
    username: str
    name: str
    password: str


def is_open() -> bool:
    return not User.objects.exists()


def token() -> str:
    """The same in every process of this installation; made from its secret key."""
    return salted_hmac("lastmile.site.welcome", "first run", algorithm="sha256").hexdigest()[:24]


def path() -> str:
    return f"{reverse('setup')}?token={token()}"


def check(sent: str) -> None:
    """Raises NotAllowed unless the set-up is open and the token is right."""
    if not is_open():
        raise NotAllowed(
            _("This system has been set up already."), _("Log in; new log-ins are made by the security administrator.")
        )
    if not compare_digest(sent.encode(), token().encode()):
        raise NotAllowed(
            _("The set-up needs the link that the server printed."),
            _("Look at the terminal or the log of the server: it shows the address with the token at its start."),
        )


@transaction.atomic
def set_up(*, token: str, code: str, name: str, people: dict[Role, tuple[str, str]]) -> list[Slip]:
    """Create the city and the five log-ins, or nothing. Raises Refusal with sentences by field.

    `people` is (user name, work name) by role. `code` 4101 brings the whole carried tree of Zhengzhou.
    """
    locks.wait("site.set_up")
    check(token)
    _different(people)
    city = _city(code, name)
    slips = [_log_in(role, *people[role], city) for role, _usual in FIRST]
    audit.record("site.set_up", actor=None, place=city.code, obj=city)
    return slips


def _different(people: dict[Role, tuple[str, str]]) -> None:
    names = [username for username, _name in people.values()]
    if len(set(names)) < len(names):
        raise Conflict(
            _("Two log-ins have the same user name."),
            _("Five log-ins, five user names: nobody may check themselves."),
            status=400,
        )


def _city(code: str, name: str) -> Place:
    if code == CARRIED:
        if not Place.objects.filter(code=CARRIED).exists():
            loading.load(divisions.carried())
        return Place.objects.get(code=CARRIED)
    if len(code) != CODE_LENGTH[Level.CITY] or not code.isdigit():
        raise Refusal(
            _("A city's code has four digits."),
            _("It is the beginning of your division codes, as 4101 for Zhengzhou."),
            fields={"code": _("four digits")},
        )
    province, _new = Place.objects.get_or_create(
        code=code[:2], defaults={"name": code[:2], "level": Level.PROVINCE, "national_code": code[:2]}
    )
    city, _new = Place.objects.get_or_create(
        code=code, defaults={"name": name, "level": Level.CITY, "national_code": code, "parent": province}
    )
    return city


def _log_in(role: Role, username: str, name: str, city: Place) -> Slip:
    password = passwords.temporary()
    create_user(username, password, name=name, role=role, place=city)
    return Slip(role, username, name, password)
