"""The room's operations, for programs: each part in its own file."""

from __future__ import annotations

from ninja import Router

from lastmile.duties import api_checklists, api_departments, api_handovers, api_lists, api_todo

router = Router()
router.add_router("", api_lists.router)
router.add_router("", api_todo.router)
router.add_router("", api_departments.router)
router.add_router("", api_handovers.router)
router.add_router("", api_checklists.router)
