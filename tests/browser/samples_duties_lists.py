"""What the pages of lists, checklists, gaps and departments are opened with."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import Post
from lastmile.duties.actions.responsibilities import save_list
from lastmile.duties.shipped import responsibilities
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
