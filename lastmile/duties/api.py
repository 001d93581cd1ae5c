"""The room's operations, for programs: each part in its own file."""

from __future__ import annotations

from ninja import Router

from lastmile.duties import api_lists, api_todo

router = Router()
router.add_router("", api_lists.router)
router.add_router("", api_todo.router)
