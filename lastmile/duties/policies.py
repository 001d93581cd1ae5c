"""What follows on silence. A policy is frozen into each obligation as moments, so that no later change reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext as _

from lastmile.kernel.errors import Refusal

Do = Literal["remind", "deputy", "superior"]
MOST = 10  # steps: a ladder has an end


class Step(NamedTuple):
    """`after` the opening, or after the due time (negative: before). `silent`: only while nobody has accepted it."""

    do: Do
    after: timedelta
    since: Literal["opened", "due"] = "due"
    silent: bool = False


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


POLICIES: dict[str, tuple[Step, ...]] = {
    # people can be hurt: silence climbs in minutes, lateness at once
    "urgent": (
        Step("remind", _minutes(5), "opened", silent=True),
        Step("deputy", _minutes(10), "opened", silent=True),
        Step("superior", _minutes(20), "opened", silent=True),
        Step("superior", _minutes(0)),
        Step("superior", _minutes(30)),
    ),
    "standard": (
        Step("remind", timedelta(days=-1)),
        Step("deputy", _minutes(0)),
        Step("superior", timedelta(days=1)),
        Step("superior", timedelta(days=4)),
    ),
    "gentle": (Step("remind", _minutes(0)),),
    "none": (),
}


def register(name: str, steps: Sequence[Step]) -> None:
    """Add a policy. Raises Refusal for a ladder without end."""
    if len(steps) > MOST:
        raise Refusal(_("An escalation may have at most %(most)d steps.") % {"most": MOST}, _("Leave some out."))
    POLICIES[name] = tuple(steps)


def freeze(name: str, opened_at: datetime, due_at: datetime) -> dict[str, Any]:
    """The policy as JSON with absolute moments in order. Steps that would lie before the opening are left out."""
    steps = sorted(
        ((opened_at if step.since == "opened" else due_at) + step.after, index, step)
        for index, step in enumerate(POLICIES[name])
    )
    frozen = [
        {"do": step.do, "at": int(at.timestamp()), "silent": step.silent}
        for at, _index, step in steps
        if at > opened_at or step.do != "remind"
    ]
    return {"name": name, "steps": frozen}
