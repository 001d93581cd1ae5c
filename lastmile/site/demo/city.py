"""Set up the demo's city once: Zhengzhou's real tree, grids, an invented population of one county, and log-ins."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.db import transaction

from lastmile.alerting.plan_areas import sample as plan_areas
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import THREE_OFFICERS, Role
from lastmile.community.cells import sample as cells
from lastmile.community.org.models import Level, Place
from lastmile.community.people.generate import populate
from lastmile.community.people.models import Appointment, Person
from lastmile.modules.shelters import sample as shelters
from lastmile.site.demo.facts import CITY, COUNTY, VILLAGE

PASSWORD = "Lastmile-2021"  # noqa: S105  (printed for everybody who tries the demo; the demo listens on loopback only)
SEED = 20210720

LOGINS: dict[str, tuple[Role, str, str]] = {
    "city": (Role.DUTY_OFFICER, CITY, "市值班员"),
    "approver": (Role.APPROVER, CITY, "市审批人"),
    "county": (Role.DUTY_OFFICER, COUNTY, "荥阳值班员"),
    "county-approver": (Role.APPROVER, COUNTY, "荥阳审批人"),
    "health": (Role.DEPARTMENT_STAFF, COUNTY, "荥阳市卫健委"),
    "township": (Role.TOWNSHIP_STAFF, VILLAGE[:9], "崔庙镇工作人员"),
    "village": (Role.VILLAGE_STAFF, VILLAGE, "王宗店村工作人员"),
    "grid": (Role.GRID_WORKER, VILLAGE + "001", "王宗店村网格员"),
    "keeper": (Role.SHELTER_KEEPER, VILLAGE, "王宗店小学门卫"),
    "system": (Role.SYSTEM_ADMIN, CITY, "系统管理员"),
    "security": (Role.SECURITY_ADMIN, CITY, "安全管理员"),
    "auditor": (Role.AUDITOR, CITY, "审计员"),
}


# Who may look at the scenario that lies elsewhere; its places come with it.
GUESTS: dict[str, tuple[Role, str, str]] = {"miyun": (Role.DUTY_OFFICER, "110118", "密云值班员")}


def set_up(residents: int, says: Callable[[str], None]) -> None:
    """Everything that is missing; a second run finds it all there."""
    if not Place.objects.filter(code=VILLAGE).exists():
        says("places: Zhengzhou's counties, townships and villages")
        call_command("places", "load", verbosity=0)
    if not Place.objects.under(COUNTY).at(Level.GRID).exists():
        says("grids: drawn inside the county's outline")
        call_command("places", "grids", "--place", COUNTY, "--seed", str(SEED), verbosity=0)
    if not Person.objects.filter(place__code__startswith=COUNTY).exists():
        says(f"people: {residents:,} invented residents with numbers nobody can have")
        populate(COUNTY, residents, SEED)
    give_log_ins()
    if shelters.fill(COUNTY, User.objects.get(username="county")):
        says("shelters: a school for every township, and three in the village of the flood")
    if cells.fill(VILLAGE, User.objects.get(username="village")):
        says("cells: neighbours in the village of the flood, with heads, deputies and pairs")
    if plan_areas.fill(VILLAGE, User.objects.get(username="village")):
        says("plan areas: the low grids by the river, and the school to which they go")


@transaction.atomic
def give_log_ins(logins: dict[str, tuple[Role, str, str]] = LOGINS) -> None:
    for username, (role, code, name) in logins.items():
        if not User.objects.filter(username=username).exists():
            place = Place.objects.get(code=code)
            user = create_user(username, PASSWORD, name=name, role=role, place=place, temporary=False)
            _join(user, code)


def _join(user: User, code: str) -> None:
    """Whoever holds a post at the place: what it owes is then on this log-in's list. Not the system's officers."""
    if user.held[0][0] in THREE_OFFICERS:
        return
    held = Appointment.objects.filter(post__place=code, post__site=None, role=Appointment.Role.HOLDER, until=None)
    taken = User.objects.exclude(person=None).values("person")
    found = held.exclude(person__in=taken).order_by("post__kind", "pk").first()
    if found is not None:
        User.objects.filter(pk=user.pk).update(person=found.person_id)
