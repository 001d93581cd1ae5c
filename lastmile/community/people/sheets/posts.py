"""Write the sheets 岗位人员 and 重点场所: posts, special sites, and the people who answer for them."""

from __future__ import annotations

from collections import Counter, defaultdict

from lastmile.community.org.models import Place, Post, SpecialSite
from lastmile.community.people import actions
from lastmile.community.people.models import Appointment, Contact, Person
from lastmile.community.people.queries import by_contact
from lastmile.community.people.sheets.layout import POSTS
from lastmile.community.people.sheets.match import Known
from lastmile.community.people.sheets.read import Row
from lastmile.kernel.permissions import Actor

QUIET = {Post.Kind.FIRST_RESPONDER, Post.Kind.OTHER}  # they help, but a warning does not wait for their answer
TITLES = {kind: title for title, kind in POSTS.items()}


def write_posts(rows: list[Row], grids: dict[str, Place], people: list[Known], counts: Counter[str], by: Actor) -> None:
    wanted: dict[int, dict[str, Person]] = defaultdict(dict)
    posts: dict[int, Post] = {}
    for row in rows:
        post = _post(grids[row["grid"]], None, row["kind"], row["title"] or TITLES[row["kind"]])
        posts[post.pk] = post
        person = find_or_enter(row["name"], row["phone"], post.place, people, by)
        wanted[post.pk][row["role"].value] = person
    for key, roles in wanted.items():
        counts["appointments_new"] += _appoint(posts[key], roles, by)


def write_sites(rows: list[Row], grids: dict[str, Place], people: list[Known], counts: Counter[str], by: Actor) -> None:
    for row in rows:
        place = grids[row["grid"]]
        named = ("address", "capacity", "longitude", "latitude")
        filled = {name: row[name] for name in named if row[name] not in ("", None)}
        site, new = SpecialSite.objects.update_or_create(
            place=place, name=row["name"], defaults={"kind": row["kind"], "closed_on": None, **filled}
        )
        counts["sites_new"] += new
        if row["keeper"]:
            post = _post(place, site, Post.Kind.SITE, f"{site.name}责任人"[:100])
            keeper = find_or_enter(row["keeper"], row["phone"], place, people, by)
            counts["appointments_new"] += _appoint(post, {Appointment.Role.HOLDER.value: keeper}, by)


def _post(place: Place, site: SpecialSite | None, kind: Post.Kind, title: str) -> Post:
    post, _new = Post.objects.get_or_create(
        place=place, site=site, kind=kind, title=title, defaults={"must_answer": kind not in QUIET}
    )
    if post.closed_on is not None:
        post.closed_on = None
        post.save(update_fields=["closed_on"])
    return post


def find_or_enter(name: str, phone: str, place: Place, people: list[Known], by: Actor) -> Person:
    """Whoever has this name and number, in the village or elsewhere; else a new person at the place."""
    here = next((known.person for known in people if known.name == name and phone in known.phones), None)
    if here is not None:
        return here
    elsewhere = next((person for person in by_contact(phone) if person.name.reveal() == name), None)
    person = elsewhere or actions.add_person(name=name, place=place, phone=phone, by=by)
    people.append(Known(person, name, None, {(Contact.Kind.PHONE.value, phone)}))
    return person


def _appoint(post: Post, roles: dict[str, Person], by: Actor) -> int:
    """Let these people hold the post; whoever changes from one role to the other is ended first."""
    current = list(Appointment.objects.filter(post=post, until=None))
    for held in current:
        if (held.role in roles and roles[held.role].pk != held.person_id) or any(
            person.pk == held.person_id for role, person in roles.items() if role != held.role
        ):
            actions.end_appointment(held, by=by)
    held_now = {(held.role, held.person_id) for held in current if held.until is None}
    for role, person in roles.items():
        actions.appoint(post, person, role, by=by)
    return sum((role, person.pk) not in held_now for role, person in roles.items())
