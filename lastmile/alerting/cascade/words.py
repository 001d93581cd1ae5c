"""What is said to whoever is called: who, why, and what to press. The language is the person's; names are opened here.

A telephone reads the same words; what to press stands at the end, after the whole message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from lastmile.alerting import links
from lastmile.alerting.models import Call
from lastmile.alerting.models.calls import OF_DOORS, Role
from lastmile.community.org.queries import in_words
from lastmile.community.people.models import Person

NAMED = 6  # silent people in one message; the rest is counted


@dataclass(frozen=True)
class Silent:
    """A post that has not answered, and whose it is; `name` is "" where it is vacant."""

    where: str
    title: str
    name: str


@dataclass(frozen=True)
class About:
    """Everything one attempt needs. `about` are the posts it concerns."""

    frozen: Mapping[str, Any]
    link: str  # the person's own
    role: str
    language: str
    number: int
    about: Sequence[Silent]
    own: str = ""  # what a command post wrote


def text(what: About, *, rings: bool) -> str:
    made = _english(what, rings) if what.language == "en" else _chinese(what, rings)
    exercise = what.frozen.get("status") == "Exercise"
    if not exercise:
        return made
    return f"[EXERCISE] {made}" if what.language == "en" else f"【演练】{made}"


def _headline(what: About) -> str:
    texts: Mapping[str, Any] = what.frozen["texts"]
    return str((texts.get(what.language) or texts["zh"])["headline"]).removeprefix("【演练】")


def _chinese(what: About, rings: bool) -> str:
    press, head = ("按" if rings else "回复"), _headline(what)
    end = "" if rings else f" {what.link}"
    posts = "、".join(f"{one.where}{one.title}" for one in what.about[:NAMED])
    silent = "、".join(f"{one.where}{one.title}{one.name}" for one in what.about[:NAMED])
    if len(what.about) > NAMED:
        silent, posts = f"{silent}等{len(what.about)}人", f"{posts}等{len(what.about)}处"
    if what.role in OF_DOORS:
        return f"{'【邻里互助】' if what.role == Role.CELL else '【上门】'}{what.own}"
    if what.role == Role.MESSAGE:
        return f"【叫应】{what.own}{end}"
    if what.role == Role.SUPERIOR:
        return f"【叫应】{silent}没有应答“{head}”。请马上联系本人或派人上门；您已接手请{press}6。{end}".rstrip()
    if what.role == Role.RAISE:
        return f"【叫应】{silent}已确认“{head}”，但还没有向下传达。请督促；您已接手请{press}6。{end}".rstrip()
    if what.role == Role.ASK:
        return f"【叫应】您已确认“{head}”，{posts}以下还没有人收到。请马上向下传达；已传达请{press}5。{end}".rstrip()
    who = f"您代{posts}值守，" if what.role == Role.DEPUTY else f"{posts}："
    again = f"（第{what.number}次）" if what.number > 1 else ""
    return f"【叫应】{who}{head}{again}。收到请{press}1，已传达请{press}5。{end}".rstrip()


def _english(what: About, rings: bool) -> str:
    press, head = ("press" if rings else "reply"), _headline(what)
    end = "" if rings else f" {what.link}"
    posts = ", ".join(f"{one.where} {one.title}" for one in what.about[:NAMED])
    silent = ", ".join(f"{one.where} {one.title} {one.name}".rstrip() for one in what.about[:NAMED])
    if len(what.about) > NAMED:
        silent, posts = f"{silent} and others, {len(what.about)} in all", f"{posts} and others"
    if what.role in OF_DOORS:
        return f"{'[NEIGHBOURS]' if what.role == Role.CELL else '[DOORS]'} {what.own}"
    if what.role == Role.MESSAGE:
        return f"[CALL] {what.own}{end}"
    if what.role == Role.SUPERIOR:
        return f'[CALL] No answer to "{head}" from: {silent}. Reach them; {press} 6 if you look after it.{end}'
    if what.role == Role.RAISE:
        return f'[CALL] "{head}" confirmed, not passed on: {silent}. {press.capitalize()} 6 if you look after it.{end}'
    if what.role == Role.ASK:
        return f'[CALL] You confirmed "{head}", but nobody below {posts} has it yet. Pass it on, then {press} 5.{end}'
    who = f"You stand in for {posts}. " if what.role == Role.DEPUTY else f"{posts}: "
    return f"[CALL] {who}{head}. {press.capitalize()} 1 if you have it, 5 once passed on.{end}"


def silent(calls: Collection[int], *, named: Collection[int]) -> dict[int, Silent]:
    """The posts of some calls in words. The holders of those `named` are opened: a superior is told who is silent."""
    rows = list(Call.objects.filter(pk__in=calls).values_list("pk", "place", "post__title", "person"))
    places = in_words({place for _call, place, _title, _person in rows}, gap="")
    people = Person.objects.in_bulk({person for call, _place, _title, person in rows if call in named and person})
    found = {}
    for call, place, title, person in rows:
        holder = people.get(person) if call in named else None
        found[call] = Silent(places[place], title, holder.name.reveal() if holder else "")
    return found


def links_of(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The personal link for each (event, person), made in one go for each event."""
    persons: dict[int, list[int]] = {}
    for event, person in pairs:
        persons.setdefault(event, []).append(person)
    base = f"{settings.PUBLIC_URL}{links.PATH}"
    return {
        (event, person): base + token
        for event, some in persons.items()
        for person, token in zip(some, links.tokens(event, some), strict=True)
    }
