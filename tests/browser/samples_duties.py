"""What the pages of `duties` are opened with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lastmile.community.org.models import Post
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"


def owed(world: World, key: str = "sample", title: str = "检查排水沟", **fields: Any) -> Obligation:
    """Something that the village's log-in owes."""
    user = world.users["village"]
    if user.person is None:
        user.person = world.staff[VILLAGE]
        user.save(update_fields=["person"])
    post = Post.objects.get(place=VILLAGE, kind=Post.Kind.LEADER)
    values: dict[str, Any] = {"kind": kinds.TASK.name, "key": key, "title": title, "place": VILLAGE, "post": post.pk}
    return actions.create(**(values | {"due_at": clock.now() + timedelta(hours=6)} | fields))


@sample("todo", login="village")
def todo(world: World) -> dict[str, Any]:
    owed(world, "calls", "看望独居老人", danger=4, due_at=clock.now() - timedelta(hours=1))
    owed(world, "list", "核对转移名单", danger=3, due_at=clock.now() + timedelta(days=1))
    owed(world, "report", "写防汛小结", danger=0, due_at=clock.now() + timedelta(days=12))
    return {}


@sample("todo_item", login="village")
def todo_item(world: World) -> dict[str, Any]:
    return {"pk": owed(world).pk}


@sample("todo_act", login="village", skip="takes POSTs only")
def todo_act(world: World) -> dict[str, Any]:
    return {"pk": owed(world).pk, "verb": "done"}


@sample("todo_worker", login="", skip="a script, not a page")
def todo_worker(_world: World) -> dict[str, Any]:
    return {}
