"""The room's API: the routers of its parts under one."""

from __future__ import annotations

from ninja import Router

from lastmile.alerting import api_alerts, api_coverage

router = Router()
router.add_router("", api_alerts.router)
router.add_router("", api_coverage.router)
