"""What a warning makes people owe: to approve, issue or judge it, and to look after who asks for help or stays.

The lifecycle and the counting of answers call this; nothing else in the room knows about obligations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.codes import Colour
from lastmile.alerting.lifecycle import rule_for
from lastmile.alerting.models import Alert, AlertEvent, Fact, Standing
from lastmile.community.org.models import CODE_LENGTH, Level, Place, Post
from lastmile.community.people.models import Person
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm

VILLAGE = CODE_LENGTH[Level.VILLAGE]
DECIDE_WITHIN = {
    Colour.RED: timedelta(minutes=15),
    Colour.ORANGE: timedelta(minutes=30),
    Colour.YELLOW: timedelta(hours=1),
    Colour.BLUE: timedelta(hours=2),
}
DANGER = {Colour.RED: 4, Colour.ORANGE: 3, Colour.YELLOW: 2, Colour.BLUE: 2}
JUDGE_WITHIN, HELP_WITHIN, RETURN_WITHIN = timedelta(hours=24), timedelta(minutes=15), timedelta(hours=1)


def _alert_page(owed: Obligation) -> str:
    return reverse("alerting:alert", args=[owed.detail["alert"]])


def _doors(owed: Obligation) -> str:
    return reverse("answers:doors", args=[owed.detail["alert"], owed.place_id]) + f"?cut={owed.detail['cut']}"


def _kind(name: str, label: str | Promise, icon: str, danger: int, *, policy: str = "urgent") -> kinds.Kind:
    return kinds.Kind(f"alerting.{name}", label, icon, _alert_page, danger, policy, tap=False)


APPROVE = _kind("approve", gettext_lazy("warning to approve"), "shield-check", 3)
ISSUE = _kind("issue", gettext_lazy("approved warning to issue"), "send", 3)
JUDGE = _kind("judge", gettext_lazy("urgent warning to judge afterwards"), "shield-check", 2, policy="standard")
HELP = kinds.Kind("alerting.help", gettext_lazy("call for help"), "lifebuoy", _doors, 4, "urgent")
REFUSAL = kinds.Kind("alerting.refusal", gettext_lazy("refusal to leave"), "message", _doors, 3, "urgent")
KINDS = (APPROVE, ISSUE, JUDGE, HELP, REFUSAL)


def register() -> None:
    for kind in KINDS:
        kinds.register(kind)


def _key(alert: Alert) -> str:
    """One for each round of review: what was returned and handed in again is asked again."""
    return f"{alert.code}:{alert.reviews.count()}"


def _titled(alert: Alert) -> str:
    exercise = _("[exercise]") + " " if alert.exercise else ""
    return f"{exercise}{alert.get_colour_display()} · {alert.headline}"


def _ask(actor: Actor, alert: Alert, kind: kinds.Kind, *, perm: Perm, place: str, within: timedelta, key: str) -> None:
    """Of everybody who holds the permission at the place, except who may not for four eyes' sake."""
    barred = sorted({*alert.written_by, alert.author_id} - {None}) if perm is Perm.ALERT_APPROVE else []
    if kind is JUDGE and alert.issued_by_id is not None:
        barred = sorted({*barred, alert.issued_by_id})
    actions.create(
        actor=actor,
        kind=kind.name,
        key=key,
        title=_titled(alert),
        place=place,
        perm=perm,
        danger=DANGER[Colour(alert.colour)] if kind is not JUDGE else kind.danger,
        due_at=clock.now() + within,
        detail={"alert": alert.code, "not": barred},
    )


def submitted(actor: Actor, alert: Alert) -> None:
    place = rule_for(alert.place_id, alert.colour).place
    within = DECIDE_WITHIN[Colour(alert.colour)]
    _ask(actor, alert, APPROVE, perm=Perm.ALERT_APPROVE, place=place, within=within, key=_key(alert))


def decided(actor: Actor, alert: Alert) -> None:
    """Approved or returned; call it before the review is written."""
    actions.settle(APPROVE.name, _key(alert), actor=actor)


def approved(actor: Actor, alert: Alert) -> None:
    """Now it waits to be issued; call it after the review is written."""
    within = DECIDE_WITHIN[Colour(alert.colour)]
    _ask(actor, alert, ISSUE, perm=Perm.ALERT_ISSUE, place=alert.place_id, within=within, key=_key(alert))


def taken_back(actor: Actor, alert: Alert) -> None:
    """Nobody needs to decide any more."""
    for kind in (APPROVE, ISSUE):
        actions.withdraw(kind.name, _key(alert), actor=actor)


def issued(actor: Actor, alert: Alert) -> None:
    actions.settle(ISSUE.name, _key(alert), actor=actor)
    actions.withdraw(APPROVE.name, _key(alert), actor=actor)
    if alert.urgent:
        place = rule_for(alert.place_id, alert.colour).place
        _ask(actor, alert, JUDGE, perm=Perm.ALERT_APPROVE, place=place, within=JUDGE_WITHIN, key=alert.code)


def judged(actor: Actor, alert: Alert) -> None:
    actions.settle(JUDGE.name, alert.code, actor=actor)


class Follow(NamedTuple):
    kind: kinds.Kind
    cut: str  # of the doors' page
    within: timedelta
    says: str | Promise


FOLLOW = {
    Fact.NEEDS_HELP: Follow(HELP, "help", HELP_WITHIN, gettext_lazy("somebody asks for help: call or go there now")),
    Fact.REFUSED: Follow(REFUSAL, "refused", RETURN_WITHIN, gettext_lazy("somebody refuses to leave: go back and ask")),
}


def follow(number: int, persons: Sequence[int]) -> None:
    """Bring what is owed to these people in line with where they stand now; called where answers are counted."""
    event = AlertEvent.objects.select_related("alert").get(pk=number)
    root = (event.frozen.get("follows") or [event.pk])[0]  # an update of a warning is the same need
    rows = list(Standing.objects.filter(event=number, person__in=persons))
    for fact, how in FOLLOW.items():
        ended = [f"{root}:{row.person}" for row in rows if row.fact != fact]
        actions.withdraw_many(how.kind.name, ended)
        actions.create_many(_needs(event, root, [row for row in rows if row.fact == fact], how))


def _needs(event: AlertEvent, root: int, rows: Sequence[Standing], how: Follow) -> Iterable[actions.New]:
    people = Person.objects.select_related("household").in_bulk([row.person for row in rows])
    places = Place.objects.in_bulk({row.place for row in rows})
    kept = keepers(set(places))
    answered = _answered(how.kind.name, [f"{root}:{row.person}" for row in rows])
    for row in rows:
        key, keeper = f"{root}:{row.person}", kept.get(row.place)
        home = people[row.person].household if row.person in people else None
        exercise = _("[exercise]") + " " if event.alert.exercise else ""
        door = f" {home.number}" if home else ""
        closed = answered.get(key)
        yield actions.New(
            kind=how.kind.name,
            key=key,
            title=f"{exercise}{places[row.place].name}{door}: {how.says}",
            place=row.place,
            post=keeper,
            perm="" if keeper else Perm.ALERT_RECEIPT,
            due_at=clock.now() + how.within,
            longitude=home.longitude if home else None,
            latitude=home.latitude if home else None,
            basis=event.alert.headline,
            detail={"alert": event.alert.code, "cut": how.cut},
            again=closed is not None and row.fact_at is not None and row.fact_at > closed,
        )


def _answered(kind: str, keys: Sequence[str]) -> dict[str, datetime]:
    """When those that are closed were closed: who asks after that asks again."""
    rows = Obligation.objects.filter(kind=kind, key__in=keys, closed_at__isnull=False)
    return {key: closed for key, closed in rows.values_list("key", "closed_at") if closed is not None}


def keepers(places: set[str]) -> dict[str, int]:
    """The post that looks after each place: its grid worker, else its leader, else the village's leader."""
    near = places | {place[:VILLAGE] for place in places}
    wanted = (Post.Kind.GRID_WORKER, Post.Kind.LEADER)
    posts = list(Post.objects.filter(place__in=near, kind__in=wanted, site=None, closed_on=None).order_by("pk"))
    found = {}
    for place in places:
        mine = [post for post in posts if post.place_id in (place, place[:VILLAGE])]
        best = max(mine, key=lambda post: (len(post.place_id), post.kind == Post.Kind.GRID_WORKER), default=None)
        if best is not None:
            found[place] = best.pk
    return found
