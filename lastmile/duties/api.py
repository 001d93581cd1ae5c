"""The room's operations, for programs: each part in its own file."""

from __future__ import annotations

from ninja import Router

from lastmile.duties import api_lists

router = Router()
router.add_router("", api_lists.router)
