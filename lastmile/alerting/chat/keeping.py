"""Keep the groups of a place: add, change, switch, try out, end. An address goes in and never comes out again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.channels.contract import Outcome, What
from lastmile.alerting.chat import cards, robots, telling, troubles
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import AlertEvent, ChatGroup, ChatNote
from lastmile.community.org.models import Level, Place
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Conflict, NotFound, Refusal, Text
from lastmile.kernel.permissions import Actor, Perm, may, obtain, require, within

PERM: Final = Perm.CHAT_EDIT
TESTS_PER_MINUTE: Final = 6
MOST: Final = 50  # groups of one place
SECRET: Final = 100  # characters
CHOICES: Final = 600
SOON: Final = timedelta(seconds=10)


def seen(actor: Actor) -> QuerySet[ChatGroup]:
    """Those of the actor's places."""
    return ChatGroup.objects.filter(within(actor.scopes(PERM), "place__code")).select_related("place")


def get(actor: Actor, number: int) -> ChatGroup:
    """Raises NotFound where there is none in the actor's places."""
    rows = ChatGroup.objects.select_related("place")
    return obtain(rows, actor, PERM, see=PERM, place_of=lambda one: one.place_id, pk=min(number, 2**31 - 1))


def cards_of(actor: Actor, event: AlertEvent) -> QuerySet[ChatNote]:
    """What groups are owed of a warning, where the actor may see it."""
    rows = ChatNote.objects.filter(within(actor.scopes(Perm.ALERT_READ), "group__place__code"), event=event)
    return rows.select_related("group__place")


def places(actor: Actor) -> list[Place]:
    """To choose from: down to villages where they are few enough to choose among, else down to townships."""
    rows = Place.objects.current().filter(within(actor.scopes(PERM), "code"), level__gte=Level.CITY).order_by("code")
    found = list(rows.filter(level__lte=Level.VILLAGE)[: CHOICES + 1])
    return found if 0 < len(found) <= CHOICES else list(rows.filter(level__lte=Level.TOWNSHIP)[:CHOICES])


def place_of(actor: Actor, code: str) -> Place:
    """Raises NotFound for a place that is none, or outside the actor's area."""
    found = None if "\0" in code else Place.objects.current().filter(pk=code[:15]).first()
    if found is None or found.level < Level.CITY or not may(actor, PERM, found.code):
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    return found


@transaction.atomic
def add(actor: Actor, place: Place, raw: Mapping[str, Any]) -> ChatGroup:
    """A new group of the place. Raises Refusal by field, or Conflict where its robot is entered already."""
    require(actor, PERM, place.code)
    if ChatGroup.objects.filter(place=place).count() >= MOST:
        raise Conflict(_("This place has very many groups."), _("End some that nobody reads."))
    now = clock.now()
    one = ChatGroup(place=place, changed_by_id=actor.pk, changed_at=now, next_at=now, **_plain(raw))
    _address(one, str(raw.get("address") or ""))
    _secret(one, raw)
    _save(one)
    audit.record("channels.chat_added", actor=actor, place=place.code, obj=one, name=one.name, kind=one.kind)
    one.refresh_from_db()  # sealed from here on
    return one


@transaction.atomic
def change(actor: Actor, one: ChatGroup, raw: Mapping[str, Any]) -> list[str]:
    """Names of what has changed; an address or secret that is left empty stays, but no secret goes to another robot.

    What was refused of warnings in force is posted again once address or secret is another. Raises Refusal by field.
    """
    require(actor, PERM, one.place_id)
    held = _held(ChatGroup.objects.select_for_update(no_key=True), one)
    plain = _plain({**raw, "language": raw.get("language") or held.language})
    changed = [name for name, value in plain.items() if value != getattr(held, name)]
    for name, value in plain.items():
        setattr(held, name, value)
    mended = []
    if str(raw.get("address") or "").strip():
        before = bytes(held.mark)
        _address(held, str(raw["address"]))
        if bytes(held.mark) != before:
            held.secret = None  # that of another robot
        mended.append("address")
    if _secret(held, raw):
        mended.append("secret")
    if changed or mended:
        held.changed_by_id, held.changed_at = actor.pk, clock.now()
        if mended:
            held.failure = ""
        _save(held)
        audit.record("channels.chat_changed", actor=actor, place=held.place_id, obj=held, fields=[*changed, *mended])
    if mended:
        _again(held)
    return [*changed, *mended]


def _again(one: ChatGroup) -> None:
    now = clock.now()
    open_ = {"event__closed_at": None, "event__expires_at__gt": now}
    rows = ChatNote.objects.filter(group=one, state=ChatNote.State.REFUSED, **open_)
    rows.update(state=ChatNote.State.WAITING, due_at=now, tries=0)


@transaction.atomic
def switch(actor: Actor, one: ChatGroup, *, on: bool) -> None:
    """Off, nothing is posted; what waits is dropped, and what comes meanwhile is not owed."""
    require(actor, PERM, one.place_id)
    values = {"enabled": on, "changed_by_id": actor.pk, "changed_at": clock.now()}
    if not ChatGroup.objects.filter(pk=one.pk).exclude(enabled=on).update(**values):
        return
    if not on:
        ChatNote.objects.filter(group=one, due_at__isnull=False).update(due_at=None, state=ChatNote.State.OVER)
        troubles.gone(one)
    audit.record(f"channels.chat_{'on' if on else 'off'}", actor=actor, place=one.place_id, obj=one)


@transaction.atomic
def end(actor: Actor, one: ChatGroup) -> None:
    """Destroyed, with its address and what it was told."""
    require(actor, PERM, one.place_id)
    one = _held(ChatGroup.objects.select_for_update(), one)  # no issue and no worker has it in hand
    audit.record("channels.chat_ended", actor=actor, place=one.place_id, obj=one, name=one.name, kind=one.kind)
    troubles.gone(one)
    ChatGroup.objects.filter(pk=one.pk).delete()


def test(actor: Actor, one: ChatGroup) -> Outcome:
    """A card that says it is a test, posted while the person waits. It counts towards the robot's pace."""
    require(actor, PERM, one.place_id)
    limits.take(f"chat test {actor.pk}", TESTS_PER_MINUTE)
    if one.next_at > clock.now() + SOON:
        raise Conflict(_("The robot is at work, or wants a rest."), _("Try again in some minutes."))
    (outcome,) = telling.hand_over([(telling.robot_of(one), cards.test(one))])
    telling.heard(one, outcome)
    if outcome.what is What.ACCEPTED:
        ChatGroup.objects.filter(pk=one.pk).update(tested_at=clock.now())
    audit.record("channels.chat_test", actor=actor, place=one.place_id, obj=one, outcome=outcome.what.value)
    return outcome


def _held(rows: QuerySet[ChatGroup], one: ChatGroup) -> ChatGroup:
    """Raises NotFound where somebody has ended it meanwhile."""
    found = rows.filter(pk=one.pk).first()
    if found is None:
        raise NotFound(_("This group was ended meanwhile."), _("Go back to the list."))
    return found


def _address(one: ChatGroup, text: str) -> None:
    """Raises Refusal."""
    one.kind, address, key = robots.read(text)
    one.address, one.mark, one.ends = address, keyring().blind(address), key[-4:]


def _secret(one: ChatGroup, raw: Mapping[str, Any]) -> bool:
    """Whether another one was written. Raises Refusal."""
    text = str(raw.get("secret") or "").strip()
    if len(text) > SECRET or "\0" in text or not text.isascii():
        wrong = _("The secret of a robot is a line of letters and digits.")
        raise Refusal(wrong, _("Copy it from the robot's security settings."), fields={"secret": wrong})
    if text and one.kind == ChatGroup.Kind.WECOM:
        wrong = _("A robot of WeCom has no secret: its address is all.")
        raise Refusal(wrong, _("Leave it empty."), fields={"secret": wrong})
    if text:
        one.secret = text
    return bool(text)


def _save(one: ChatGroup) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as error:
        wrong = _("This robot is entered already.")
        raise Conflict(
            wrong, _("Look at the list of groups, or ask the place above."), fields={"address": wrong}
        ) from error


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Name, who is in it, from which colour on, exercises, language. Raises Refusal by field."""
    wrong: dict[str, Text] = {}
    name = str(raw.get("name") or "").strip()
    if not name or len(name) > 60 or "\0" in name:
        wrong["name"] = _("Give it the name that its members see, at most 60 characters.")
    audience = str(raw.get("audience") or "")
    if audience not in ChatGroup.Audience.values:
        wrong["audience"] = _("Say who is in the group: staff or residents.")
    colour = str(raw.get("colour") or int(Colour.BLUE))
    if colour not in {str(one.value) for one in Colour}:
        wrong["colour"] = _("Choose a colour.")
    language = str(raw.get("language") or ChatGroup.Language.ZH)
    if language not in ChatGroup.Language.values:
        wrong["language"] = _("Choose a language: Chinese or English.")
    if wrong:
        raise Refusal(_("Some fields can't be used."), _("Correct the fields that are marked."), fields=wrong)
    staff = audience == ChatGroup.Audience.STAFF
    exercises = staff and raw.get("exercises") in (True, "1", "on", "true")
    return {"name": name, "audience": audience, "colour": int(colour), "exercises": exercises, "language": language}
