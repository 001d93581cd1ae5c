"""Write a warning and carry it through review: one function per verb. `issue` is next door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from lastmile.alerting import lint, owed, policy, queries, texts
from lastmile.alerting.channels import registry
from lastmile.alerting.codes import EVENT_CODE, Colour, Hazard
from lastmile.alerting.lifecycle import EDITABLE, TABLE, pending_after, require_approver, require_level
from lastmile.alerting.models import Alert, Group, Kind, Review, State
from lastmile.alerting.target import Audience
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

USUAL_HOURS = 12
NOWHERE: dict[str, Any] = {"places": [], "polygons": [], "circles": [], "groups": []}
ALL_CLEAR_HOURS = 24  # how long an all-clear stays up
# What the form may write; everything else moves by its own verb.
WRITABLE = frozenset(
    "hazard event_code colour exercise issuers headline description instruction english shelter contact "
    "starts_at ends_at audience channels reason".split()
)


@transaction.atomic
def create_draft(
    actor: Actor, place: Place, *, hazard: str, colour: int, exercise: bool = False, **content: Any
) -> Alert:
    """A new draft at a county or city, filled from the nearest template; `content` overrides its fields."""
    require_level(place)
    require(actor, Perm.ALERT_DRAFT, place.code)
    start = clock.now().replace(second=0, microsecond=0)
    alert = Alert(
        place=place,
        hazard=Hazard(hazard),
        colour=Colour(colour),
        event_code=EVENT_CODE.get(Hazard(hazard), ""),
        exercise=exercise,
        issuers=[f"{place.name}人民政府"],
        starts_at=start,
        ends_at=start + timedelta(hours=USUAL_HOURS),
        audience={**NOWHERE, "groups": [group.value for group in Group]},
        channels=list(policy.choose(place.code, hazard, colour).channels),
    )
    template = queries.template(place.code, hazard, colour)
    alert.headline, alert.description = template.headline, template.description
    alert.instruction, alert.english = template.instruction, template.english
    _write(alert, content)
    _begin(actor, alert)
    audit.record("alerting.draft", actor=actor, place=place.code, obj=alert, code=alert.code)
    return alert


@transaction.atomic
def save(actor: Actor, alert: Alert, *, version: int | None = None, **content: Any) -> Alert:
    """Write fields of a draft. Conflict when somebody saved since `version`, or it is not a draft any more."""
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    held = _locked(alert)
    if held.state not in EDITABLE:
        raise Conflict(
            _("This warning can't be edited now: it is “%(state)s”.") % {"state": held.get_state_display()},
            _("Take it back from review first, or make an update of it."),
        )
    _same_version(held, version)
    _write(held, content)
    if actor.pk not in held.written_by:
        held.written_by = [*held.written_by, actor.pk]
    held.version += 1
    held.changed_at = clock.now()
    held.save()
    return held


@transaction.atomic
def submit(actor: Actor, alert: Alert, *, version: int | None = None) -> Alert:
    """Hand a complete draft to the approver. Refusal names what is missing."""
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    held = _locked(alert)
    _same_version(held, version)
    lint.require_complete(held, texts.render(held))
    # the made headline where none was written: approver, pages and lists all show it
    TABLE.advance(held, State.REVIEW, headline=texts.title(held)[:200], changed_at=clock.now())
    audit.record("alerting.submit", actor=actor, place=held.place_id, obj=held, version=held.version)
    owed.submitted(actor, held)
    return held


@transaction.atomic
def withdraw(actor: Actor, alert: Alert) -> Alert:
    """Take it back from review, or from approval, to write again; an approval given is void."""
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    TABLE.advance(alert, State.DRAFT, changed_at=clock.now(), version=models.F("version") + 1)
    alert.refresh_from_db()
    owed.taken_back(actor, alert)
    audit.record("alerting.withdraw", actor=actor, place=alert.place_id, obj=alert)
    return alert


@transaction.atomic
def approve(actor: Actor, alert: Alert, *, version: int | None = None, reason: str = "") -> Alert:
    """The second pair of eyes agrees with the version it has read."""
    held = _locked(alert)
    require_approver(actor, held)
    _same_version(held, version)
    TABLE.advance(held, State.APPROVED, changed_at=clock.now())
    owed.decided(actor, held)
    _review(actor, held, Review.Decision.APPROVED, reason)
    owed.approved(actor, held)
    return held


@transaction.atomic
def return_(actor: Actor, alert: Alert, *, reason: str, version: int | None = None) -> Alert:
    """Back to the author, with the reason."""
    held = _locked(alert)
    require_approver(actor, held)
    _same_version(held, version)
    TABLE.advance(held, State.RETURNED, changed_at=clock.now())
    owed.decided(actor, held)
    _review(actor, held, Review.Decision.RETURNED, needed(reason))
    return held


@transaction.atomic
def judge_after(actor: Actor, alert: Alert, *, agrees: bool, reason: str = "") -> Review:
    """Approve an urgently issued warning afterwards, or object to it (with a reason); once."""
    held = _locked(alert)
    require_approver(actor, held)
    if not pending_after(held):
        raise Conflict(
            _("There is nothing to approve afterwards here."),
            _("Reload the page to see what happened in the meantime."),
        )
    owed.judged(actor, held)
    decision = Review.Decision.APPROVED_AFTER if agrees else Review.Decision.OBJECTED_AFTER
    return _review(actor, held, decision, reason if agrees else needed(reason))


@transaction.atomic
def follow_up(actor: Actor, alert: Alert, kind: str, *, reason: str = "") -> Alert:
    """A draft that updates, lifts or cancels a warning in force; it takes the same way through review."""
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    require_level(alert.place)
    before = _locked(alert)
    _require_followable(before, Kind(kind))
    draft = _copied(before)
    draft.kind, draft.replaces, draft.reason = Kind(kind), before, reason.strip()
    if draft.kind == Kind.UPDATE:
        draft.channels = _by_rule_again(before)
    if draft.kind in (Kind.LIFT, Kind.CANCEL):
        needed(reason)
        draft.headline = draft.description = draft.shelter = ""
        draft.instruction = ALL_CLEAR if draft.kind == Kind.LIFT else VOID
        draft.english = {}
        draft.starts_at = clock.now().replace(second=0, microsecond=0)
        draft.ends_at = draft.starts_at + timedelta(hours=ALL_CLEAR_HOURS)
    _begin(actor, draft)
    audit.record("alerting.follow_up", actor=actor, place=draft.place_id, obj=draft, kind=draft.kind, of=before.code)
    return draft


def _by_rule_again(before: Alert) -> list[str]:
    """Channels that came from the rule follow it by day and by night; those that a person chose stay."""
    begun = policy.choose(before.place_id, before.hazard, before.colour, policy.time_of_day(before.created_at))
    if tuple(before.channels) != begun.channels:
        return list(before.channels)
    return list(policy.choose(before.place_id, before.hazard, before.colour).channels)


ALL_CLEAR = "可以恢复正常生活。\n返家前先看房屋和电线有没有损坏，不碰积水中的电器。\n低洼处、河边和山坡下仍要留心。"
VOID = "请不要再转发原来的预警。\n已经转移的，听从村（社区）安排返回。"


def _require_followable(before: Alert, kind: Kind) -> None:
    if kind is Kind.ALERT or before.state != State.ISSUED or before.kind in (Kind.LIFT, Kind.CANCEL):
        raise Conflict(
            _("Only a warning in force can be updated, lifted or cancelled."),
            _("It is “%(state)s” now. Write a new warning if one is needed.") % {"state": before.get_state_display()},
        )
    waiting = before.followed_by.exclude(state=State.DISCARDED).first()
    if waiting is not None:
        raise Conflict(
            _("Somebody has already begun to update or lift this warning: %(code)s.") % {"code": waiting.code},
            _("Go on with that draft, or discard it first."),
        )


@transaction.atomic
def copy(actor: Actor, alert: Alert) -> Alert:
    """A new draft with the same content, for now."""
    require_level(alert.place)
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    draft = _copied(alert)
    draft.starts_at = clock.now().replace(second=0, microsecond=0)
    lasts = (alert.ends_at - alert.starts_at) if alert.ends_at and alert.starts_at else timedelta(hours=USUAL_HOURS)
    draft.ends_at = draft.starts_at + lasts
    _begin(actor, draft)
    audit.record("alerting.copy", actor=actor, place=draft.place_id, obj=draft, of=alert.code)
    return draft


@transaction.atomic
def discard(actor: Actor, alert: Alert, *, reason: str = "") -> Alert:
    """Put a draft away; it stays readable, and nothing leads out of it."""
    require(actor, Perm.ALERT_DRAFT, alert.place_id)
    TABLE.advance(alert, State.DISCARDED, changed_at=clock.now(), closed_at=clock.now())
    audit.record("alerting.discard", actor=actor, place=alert.place_id, obj=alert, reason=reason)
    return alert


def needed(reason: str) -> str:
    """A reason somebody else can read. Raises Refusal when there is none."""
    if not reason.strip():
        raise Refusal(_("Say why."), _("One sentence is enough."), fields={"reason": _("missing")})
    return reason.strip()


def _locked(alert: Alert) -> Alert:
    return Alert.objects.select_for_update(of=("self",)).select_related("place", "replaces").get(pk=alert.pk)


def _same_version(held: Alert, version: int | None) -> None:
    if version is not None and version != held.version:
        raise Conflict(
            _("Somebody else saved this warning at %(time)s, after you opened it.")
            % {"time": held.changed_at.astimezone(clock.BEIJING).strftime("%H:%M:%S")},
            _("Nothing you typed is lost: it is still in this page. Compare, then save yours over it if you mean to."),
        )


def _write(alert: Alert, content: dict[str, Any]) -> None:
    """Set writable fields; refuses what no form may write, and an audience that can't be understood."""
    unknown = set(content) - WRITABLE
    if unknown:
        raise Refusal(_("These fields can't be written: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    if alert.kind in (Kind.LIFT, Kind.CANCEL):
        content = {name: value for name, value in content.items() if name not in {"audience", "hazard", "colour"}}
    if "audience" in content:
        content = {**content, "audience": _audience(content["audience"])}
    unlisted = [name for name in content.get("channels", []) if name not in registry.in_service()]
    if unlisted:
        raise Refusal(
            _("The channel “%(name)s” is not in service here.") % {"name": str(unlisted[0])[:40]},
            _("Choose from: %(names)s.") % {"names": ", ".join(registry.in_service())},
            fields={"channels": _("unknown")},
        )
    for name, value in content.items():
        setattr(alert, name, value)


def _audience(given: Any) -> dict[str, Any]:
    """Checked as soon as it names something; a draft may still name nothing."""
    if isinstance(given, dict) and not any(given.get(part) for part in ("places", "polygons", "circles")):
        groups = given.get("groups") or []
        return {**NOWHERE, "groups": [group.value for group in Group if group in groups]}
    if isinstance(given, dict) and not given.get("groups"):
        return {**Audience.parse({**given, "groups": [Group.RESIDENTS]}).as_json(), "groups": []}
    return Audience.parse(given).as_json()


def _copied(alert: Alert) -> Alert:
    names = WRITABLE - {"reason"}
    return Alert(place=alert.place, **{name: getattr(alert, name) for name in names})


def _begin(actor: Actor, alert: Alert) -> None:
    """Insert under a fresh code: place, day, number of the day."""
    alert.author_id, alert.written_by = actor.pk, [actor.pk]
    alert.created_at = alert.changed_at = clock.now()
    prefix = f"{alert.place_id}-{_day(clock.now())}-"
    for number in range(Alert.objects.filter(code__startswith=prefix).count() + 1, 10_000):
        alert.code = f"{prefix}{number:02d}"
        try:
            with transaction.atomic():
                alert.save(force_insert=True)
        except IntegrityError:  # another officer took this number just now
            alert.pk = None
        else:
            return


def _day(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y%m%d")


def _review(actor: Actor, alert: Alert, decision: Review.Decision, reason: str) -> Review:
    made = Review.objects.create(
        alert=alert,
        actor_id=actor.pk,
        decision=decision,
        reason=reason.strip()[:2000],
        version=alert.version,
        at=clock.now(),
    )
    audit.record(f"alerting.{decision.value}", actor=actor, place=alert.place_id, obj=alert, version=alert.version)
    return made
