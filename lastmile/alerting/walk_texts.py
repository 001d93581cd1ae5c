"""Who walks to the doors of a place, which doors are theirs, and what is written to them where no page can be opened.

Who holds the post that looks after a place (`owed.keepers`), or stands in for it, answers for its doors with digits,
as on paper. Where their doors lie in more places than one, a number alone is no door: the whole code is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from lastmile.alerting import door_codes, owed
from lastmile.alerting.cell_texts import MOST, Door, headline, said
from lastmile.alerting.models import AlertEvent, Visit
from lastmile.community.accounts.models import User
from lastmile.community.org.queries import in_words
from lastmile.community.people.models import Appointment, Household, Leave
from lastmile.kernel import clock

WALKER = "walker"  # the role of a door that a person has by their post


def walkers(places: Iterable[str]) -> dict[str, int]:
    """For each place the person who walks there today: the holder of its post, the deputy while the holder is away."""
    posts = owed.keepers(set(places))
    today = clock.today()
    away = set(Leave.objects.filter(first_day__lte=today, last_day__gte=today).values_list("person", flat=True))
    rows = Appointment.objects.filter(post__in=set(posts.values()), until=None, person__left_on=None)
    held = {(post, role): person for post, role, person in rows.values_list("post", "role", "person")}
    found: dict[str, int] = {}
    for place, post in posts.items():
        both = [held.get((post, role)) for role in (Appointment.Role.HOLDER, Appointment.Role.DEPUTY)]
        known = [person for person in both if person is not None]
        if present := [person for person in known if person not in away] or known:
            found[place] = present[0]
    return found


def places_of(event: AlertEvent, person: int) -> list[str]:
    """Where a person walks in this warning, as holder or as deputy; nowhere once their log-in is blocked."""
    rows = Appointment.objects.filter(person=person, until=None, person__left_on=None, post__closed_on=None)
    posts = dict(rows.values_list("post", "post__place"))
    if not posts or User.objects.filter(person=person, is_active=False).exists():
        return []
    under = Q()
    for place in set(posts.values()):
        under |= Q(place__startswith=place)
    with_doors = Visit.objects.filter(under, event=event.pk).values_list("place", flat=True).distinct()
    keepers = owed.keepers(set(with_doors))
    return sorted(place for place, post in keepers.items() if post in posts)


def doors(event: AlertEvent, person: int) -> list[Door]:
    """The listed doors of the places where a person walks, in the order of their codes."""
    found = []
    for place in places_of(event, person):
        rows = {row.household: row for row in Visit.objects.filter(event=event.pk, place=place)}
        codes = door_codes.numbers(event, place)
        found += [
            Door(home.pk, codes[home.pk], home.number, place, WALKER, row.fact, row.closed_at is None)
            for home in Household.objects.filter(pk__in=set(rows) & set(codes))
            if (row := rows[home.pk])
        ]
    return sorted(found, key=lambda door: (door.place, door.code))


def text(event: AlertEvent, person: int, language: str) -> str:
    """The doors that are left, and how to answer. Made when it goes out."""
    here = doors(event, person)
    left = [door for door in here if door.open]
    head = headline(event.frozen, language)
    if not left:
        return f"{head}: every door has answered." if language == "en" else f"{head}：名单上各户都有了回音。"
    names = [f"{said(event, door, here)}（{door.number}）" for door in left[:MOST]]
    example, link = f"{said(event, left[0], here)}-1", _link(event, person, left)
    where = _where(left, language)
    if language == "en":
        listed = ", ".join(names).replace("（", " (").replace("）", ")") + (" …" if len(left) > MOST else "")
        return (
            f"{head}: {where} no answer yet from {len(left)} doors: {listed}. Go there, then reply door-digit, as "
            f"{example}: 1 told 2 moved 3 needs help 4 nobody 5 refuses. LIST for those left.{link}"
        )
    listed = "、".join(names) + ("等" if len(left) > MOST else "")
    return (
        f"{head}：{where}还有{len(left)}户没有回音：{listed}。请上门，再回复“门号-数字”，如{example}："
        f"1已告知 2已转移 3需要帮助 4无人 5拒绝。回复“名单”看余下的。{link}"
    )


def _where(left: Sequence[Door], language: str) -> str:
    places = sorted({door.place for door in left})
    first = in_words(places[:1], gap="")[places[0]]
    if len(places) == 1:
        return first
    return f"{first} and {len(places) - 1} more:" if language == "en" else f"{first}等{len(places)}处"


def _link(event: AlertEvent, person: int, left: Sequence[Door]) -> str:
    """The field page, for who can log in."""
    if not User.objects.filter(person=person, is_active=True).exists():
        return ""
    return f" {settings.PUBLIC_URL}{reverse('visits:field', args=[event.alert.code, left[0].place])}"
