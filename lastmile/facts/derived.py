"""What the system counts from what it holds, so that nobody is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Left
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact, Household, Language, Person, Priority
from lastmile.facts.dictionary import Computed, Family, Field, register
from lastmile.facts.models import FieldType, Subject
from lastmile.kernel import clock

TESTED_WITHIN = timedelta(days=90)
HELD: dict[str, Any] = {"until": None, "person__left_on": None}


def by_place(rows: Callable[[], QuerySet[Any]], at: str = "place_id") -> Computed:
    """Counts the rows under each of the codes; 0 where there are none."""

    def counted(codes: Sequence[str]) -> Mapping[str, int]:
        shared = _shared(codes)
        under = rows().annotate(at_code=F(at)).filter(at_code__startswith=shared)
        parts = under.order_by().annotate(part=Left("at_code", len(codes[0]))).values("part")
        found = parts.annotate(n=Count("pk")).values_list("part", "n")
        return dict.fromkeys(codes, 0) | {part: n or 0 for part, n in found if part in set(codes)}

    return counted


def family(rows: Callable[[], QuerySet[Any]], counts: Mapping[str, Any], at: str = "place_id") -> Family:
    """Several counts over the same rows, in one pass: a page of a place has forty of them."""

    def counted(names: Sequence[str], codes: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        wanted = {f"n{index}": name for index, name in enumerate(names)}
        under = rows().annotate(at_code=F(at)).filter(at_code__startswith=_shared(codes))
        parts = under.order_by().annotate(part=Left("at_code", len(codes[0]))).values("part")
        found = {name: dict.fromkeys(codes, 0) for name in names}
        for row in parts.annotate(**{key: counts[name] for key, name in wanted.items()}):
            for key, name in wanted.items():
                if row["part"] in found[name]:
                    found[name][row["part"]] = row[key] or 0
        return found

    return counted


def _alone(name: str, together: Family) -> Computed:
    """One of a family by itself."""
    return lambda codes: together([name], codes)[name]


def _shared(codes: Sequence[str]) -> str:
    """The beginning that all codes have."""
    low, high = min(codes), max(codes)
    return next((low[:n] for n in range(len(low), 0, -1) if high.startswith(low[:n])), "")


def _households() -> QuerySet[Household]:
    return Household.objects.filter(moved_out_on=None)


def _residents() -> QuerySet[Person]:
    return Person.objects.filter(left_on=None, household__moved_out_on=None).exclude(household=None)


def _silent() -> QuerySet[Household]:
    usable = Contact.objects.filter(person__household=OuterRef("pk"), person__left_on=None, usable=True)
    return _households().filter(~Exists(usable), residents__gt=0)


def _contacts() -> QuerySet[Contact]:
    return Contact.objects.filter(usable=True, person__left_on=None)


def _posts() -> QuerySet[Post]:
    return Post.objects.filter(Q(site=None) | Q(site__closed_on=None), closed_on=None)


def _held(role: str) -> Exists:
    return Exists(Appointment.objects.filter(post=OuterRef("pk"), role=role, **HELD))


def _workers() -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        post__kind=Post.Kind.GRID_WORKER, post__closed_on=None, role=Appointment.Role.HOLDER, **HELD
    )


COUNTED: list[tuple[str, str | Promise, str | Promise, Computed]] = [
    ("people.households", _("number of households"), pgettext_lazy("unit", "doors"), by_place(_households)),
    ("people.residents", _("number of residents"), pgettext_lazy("unit", "people"), by_place(_residents)),
    (
        "people.vulnerable",
        _("vulnerable residents"),
        pgettext_lazy("unit", "people"),
        by_place(lambda: _residents().filter(vulnerable=True)),
    ),
    (
        "people.exposed",
        _("residents in a dangerous spot"),
        pgettext_lazy("unit", "people"),
        by_place(lambda: _residents().filter(priority__gte=Priority.EXPOSED)),
    ),
    (
        "people.exposed_vulnerable",
        _("vulnerable residents in a dangerous spot"),
        pgettext_lazy("unit", "people"),
        by_place(lambda: _residents().filter(priority=Priority.BOTH)),
    ),
    (
        "people.vulnerable_households",
        _("households with vulnerable residents"),
        pgettext_lazy("unit", "doors"),
        by_place(lambda: _households().filter(vulnerable__gt=0)),
    ),
    (
        "people.other_language",
        _("residents who read no Chinese"),
        pgettext_lazy("unit", "people"),
        by_place(lambda: _residents().exclude(language=Language.CHINESE)),
    ),
    ("people.silent", _("households without a usable contact"), pgettext_lazy("unit", "doors"), by_place(_silent)),
    ("people.contacts", _("usable contacts"), "", by_place(_contacts, "person__place_id")),
    (
        "people.contacts_tested",
        _("contacts that answered within 90 days"),
        "",
        by_place(
            lambda: _contacts().filter(confirmed_at__gte=clock.now() - TESTED_WITHIN),
            "person__place_id",
        ),
    ),
    ("org.grids", _("number of grids"), "", by_place(lambda: Place.objects.current().at(Level.GRID), "code")),
    ("org.posts", _("number of posts"), "", by_place(_posts)),
    ("people.posts_held", _("posts with a holder"), "", by_place(lambda: _posts().filter(_held("holder")))),
    ("people.posts_deputised", _("posts with a deputy"), "", by_place(lambda: _posts().filter(_held("deputy")))),
    ("people.grid_workers", _("grid workers"), pgettext_lazy("unit", "people"), by_place(_workers, "post__place_id")),
]
OF_SITES: list[tuple[str, str | Promise, str]] = [
    ("care_homes", _("care homes"), SpecialSite.Kind.CARE_HOME),
    ("schools", _("schools and kindergartens"), SpecialSite.Kind.SCHOOL),
    ("basements", _("basements and underground spaces"), SpecialSite.Kind.BASEMENT),
    ("building_sites", _("building sites"), SpecialSite.Kind.BUILDING_SITE),
    ("scenic_spots", _("scenic spots"), SpecialSite.Kind.SCENIC_SPOT),
    ("hazard_points", _("hazard points"), SpecialSite.Kind.HAZARD_POINT),
]


def _of_site(value: Callable[[SpecialSite], Any]) -> Computed:
    def read(keys: Sequence[int]) -> Mapping[int, Any]:
        answered = Exists(Appointment.objects.filter(post__site=OuterRef("pk"), post__closed_on=None, **HELD))
        rows = SpecialSite.objects.filter(pk__in=keys).annotate(answered=answered)
        found = {row.pk: value(row) for row in rows}
        return {pk: said for pk, said in found.items() if said not in (None, "")}

    return read


def register_all() -> None:
    for name, label, unit, computed in COUNTED:
        register(Field(name, label, unit, source=_("counted by the system"), computed=computed))
    _counts_of_sites()
    _of_sites()


def _counts_of_sites() -> None:
    """How many of each kind, and how many people they hold."""
    counts: dict[str, Any] = {}
    for name, _label, kind in OF_SITES:
        counts[f"org.{name}"] = Count("pk", filter=Q(kind=kind))
        counts[f"org.{name}_capacity"] = Sum("capacity", filter=Q(kind=kind))
    together = family(lambda: SpecialSite.objects.filter(closed_on=None), counts)
    for name, label, _kind in OF_SITES:
        most = format_lazy("{}{}{}", label, _(": "), _("people at most"))
        for key, words, unit in (
            (f"org.{name}", label, ""),
            (f"org.{name}_capacity", most, pgettext_lazy("unit", "people")),
        ):
            counted = _alone(key, together)
            register(Field(key, words, unit, source=_("counted by the system"), computed=counted, family=together))


def _of_sites() -> None:
    entries: list[tuple[str, str | Promise, str, Callable[[Any], Any]]] = [
        ("org.site_kind", _("kind of site"), FieldType.TEXT, lambda site: str(site.get_kind_display())),
        ("org.site_address", _("address of the site"), FieldType.TEXT, lambda site: site.address),
        ("org.site_capacity", _("people at most"), FieldType.WHOLE, lambda site: site.capacity),
        (
            "people.site_answered",
            _("has a responsible person"),
            FieldType.YES_NO,
            lambda site: "yes" if site.answered else "no",
        ),
    ]
    for name, label, kind, value in entries:
        register(
            Field(
                name, label, type=kind, subject=Subject.SITE, source=_("held by the system"), computed=_of_site(value)
            )
        )
