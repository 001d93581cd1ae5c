"""What the pages of lists, checklists, gaps and departments are opened with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lastmile.community.org.models import Level, Post
from lastmile.community.people.actions import appoint
from lastmile.duties.actions.checklists import open_by_hand, save_checklist, tick
from lastmile.duties.actions.departments import Part, create_joint, dispute
from lastmile.duties.actions.responsibilities import save_list
from lastmile.duties.models import Checklist, Handover, Obligation, Sheet
from lastmile.duties.shipped import responsibilities
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"


@sample("gap_list", login="officer")
def gap_list(world: World) -> dict[str, Any]:
    return {"kind": "deputy"}


@sample("gap_mend", login="village")
def gap_mend(world: World) -> dict[str, Any]:
    return {"kind": "deputy", "pk": str(Post.objects.filter(place=VILLAGE, kind=Post.Kind.LEADER).earliest("pk").pk)}


@sample("gap_limits", login="village")
def gap_limits(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("duty_list", login="village")
@sample("duty_list_edit", login="village")
def duty_list(world: World) -> dict[str, Any]:
    post = Post.objects.filter(place=VILLAGE, kind=Post.Kind.LEADER).earliest("pk")
    world.village.person = world.staff[VILLAGE]
    world.village.save()
    save_list(post, responsibilities(post), by=world.village)
    return {"pk": post.pk}


def _checklist(world: World) -> Checklist:
    facts = {"name": "汛前检查", "items": ["排水沟畅通", "喇叭能响"], "trigger": Checklist.Trigger.HAND}
    made = Checklist(place=world.places[VILLAGE], level=Level.VILLAGE, kind=Post.Kind.LEADER)
    return save_checklist(made, by=world.village, **facts)


@sample("checklist_add", login="village")
def checklist_add(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("checklist", login="village")
@sample("checklist_edit", login="village")
def checklist(world: World) -> dict[str, Any]:
    made = _checklist(world)
    open_by_hand(made, by=world.village)
    tick()
    return {"pk": made.pk}


@sample("checklist_sheet", login="village")
def checklist_sheet(world: World) -> dict[str, Any]:
    world.village.person = world.staff[VILLAGE]
    world.village.save()
    return {"pk": Sheet.objects.get(round__checklist=checklist(world)["pk"]).pk}


@sample("joint_add", login="officer")
def joint_add(world: World) -> dict[str, Any]:
    return {"code": "410182"}


@sample("superior", login="village")
@sample("superior_ladder", login="village")
def superior(world: World) -> dict[str, Any]:
    return {"pk": Post.objects.filter(place=VILLAGE, kind=Post.Kind.LEADER).earliest("pk").pk}


def _joint(world: World) -> Obligation:
    township, county = (Post.objects.get(place=code, kind=Post.Kind.LEADER) for code in ("410182109", "410182"))
    due = clock.now() + timedelta(days=3)
    parts = [Part(township, "出 20 人")]
    return create_joint(world.places["410182"], "清淤", parts, due_at=due, lead=county, by=world.officer)


@sample("joint", login="officer")
def joint(world: World) -> dict[str, Any]:
    return {"pk": _joint(world).pk}


@sample("dispute_add", login="township")
def dispute_add(world: World) -> dict[str, Any]:
    world.township.person = world.staff["410182109"]
    world.township.save()
    return {"pk": _joint(world).parts.get().pk}


@sample("disputes", login="officer")
def disputes(world: World) -> dict[str, Any]:
    dispute(world.township, _joint(world).parts.get(), "不归我们")
    return {}


@sample("dispute", login="officer")
def dispute_page(world: World) -> dict[str, Any]:
    part = _joint(world).parts.get()
    return {"pk": dispute(world.township, part, "不归我们").pk}


@sample("handover", login="village")
def handover(world: World) -> dict[str, Any]:
    post = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="会计")
    for person in (world.residents[0], world.residents[2]):
        appoint(post, person, "holder", by=world.village)
    return {"pk": Handover.objects.get(post=post).pk}
