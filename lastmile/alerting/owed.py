"""What a warning makes people owe: to approve, issue or judge it; and whose posts look after its places.

The lifecycle calls this. What answers make people owe is in `needs`, what doors do in `visits.owing`.
"""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.codes import Colour
from lastmile.alerting.lifecycle import rule_for
from lastmile.alerting.models import Alert
from lastmile.community.org.models import CODE_LENGTH, Level, Post, ancestors
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
JUDGE_WITHIN = timedelta(hours=24)


def _alert_page(owed: Obligation) -> str:
    return reverse("alerting:alert", args=[owed.detail["alert"]])


def _kind(name: str, label: str | Promise, icon: str, danger: int, *, policy: str = "urgent") -> kinds.Kind:
    return kinds.Kind(f"alerting.{name}", label, icon, _alert_page, danger, policy, tap=False)


APPROVE = _kind("approve", gettext_lazy("warning to approve"), "shield-check", 3)
ISSUE = _kind("issue", gettext_lazy("approved warning to issue"), "send", 3)
JUDGE = _kind("judge", gettext_lazy("urgent warning to judge afterwards"), "shield-check", 2, policy="standard")
KINDS = (APPROVE, ISSUE, JUDGE)


def register() -> None:
    for kind in KINDS:
        kinds.register(kind)


def _key(alert: Alert) -> str:
    """One for each round of review: what was returned and handed in again is asked again."""
    return f"{alert.code}:{alert.reviews.count()}"


def marked(title: str, *, exercise: bool) -> str:
    """The title of what is owed; in an exercise it says so first."""
    return f"{_('[exercise]')} {title}" if exercise else title


def _titled(alert: Alert) -> str:
    return marked(f"{alert.get_colour_display()} · {alert.headline}", exercise=alert.exercise)


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


def keepers(places: set[str]) -> dict[str, int]:
    """The post that looks after each place: its grid worker, else its leader, else the village's leader."""
    near = places | {place[:VILLAGE] for place in places}
    wanted = (Post.Kind.GRID_WORKER, Post.Kind.LEADER)
    posts = Post.objects.filter(place__in=near, kind__in=wanted, site=None, closed_on=None).order_by("pk")
    best: dict[str, tuple[bool, int]] = {}  # of each place: whether it is its grid worker, and the post
    for place, kind, pk in posts.values_list("place", "kind", "pk"):
        serves = kind == Post.Kind.GRID_WORKER
        if place not in best or (serves and not best[place][0]):
            best[place] = serves, pk
    found = {place: best.get(place) or best.get(place[:VILLAGE]) for place in places}
    return {place: post[1] for place, post in found.items() if post is not None}


def next_level(places: set[str]) -> dict[str, tuple[str, int | None]]:
    """Above each place: (the nearest place with a leader's post, that post); the next place up where none has one."""
    above = {place: [code for code in ancestors(place) if len(code) >= CODE_LENGTH[Level.CITY]] for place in places}
    codes = {code for found in above.values() for code in found}
    posts = Post.objects.filter(place__in=codes, kind=Post.Kind.LEADER, site=None, closed_on=None).order_by("-pk")
    leads = dict(posts.values_list("place", "pk"))
    found: dict[str, tuple[str, int | None]] = {}
    for place, way in above.items():
        nearest = next((code for code in reversed(way) if code in leads), None)
        found[place] = (nearest, leads[nearest]) if nearest else ((way or [place])[-1], None)
    return found
