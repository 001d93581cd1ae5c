"""How many follow warnings, for programs: numbers alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lastmile.alerting.followers import figures
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm

router = Router(tags=["channels"])


class FollowersOut(Schema):
    """`kind`: mail, push. `sent`, `refused`, `waiting`: messages of the last seven days."""

    kind: str
    confirmed: int
    asked: int
    waiting: int
    late: int
    sent: int
    refused: int


@router.get("/followers", response=list[FollowersOut], summary="How many follow by mail and by push, and how it goes")
def followers(request: HttpRequest) -> list[Any]:
    """Whoever asked on the public site to be told, by kind."""
    holding(me(request), Perm.ALERT_READ)
    return list(figures.standings())
