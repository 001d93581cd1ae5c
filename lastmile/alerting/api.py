"""The room's API: the routers of its parts under one."""

from __future__ import annotations

from ninja import Router

from lastmile.alerting import api_alerts, api_coverage
from lastmile.alerting.accounts import api as api_accounts
from lastmile.alerting.cascade import api as calls
from lastmile.alerting.cascade import api_dossier
from lastmile.alerting.certificate import api as api_certificate
from lastmile.alerting.chat import api as api_chat
from lastmile.alerting.deployments import api as api_deployments
from lastmile.alerting.ending import api as api_ending
from lastmile.alerting.fatigue import api as api_fatigue
from lastmile.alerting.followers import api as api_followers
from lastmile.alerting.neighbours import api as api_neighbours
from lastmile.alerting.paper import api as api_paper
from lastmile.alerting.plan_areas import api as api_plan_areas
from lastmile.alerting.readiness import api as api_readiness
from lastmile.alerting.sources import api as api_sources
from lastmile.alerting.sources import api_check
from lastmile.alerting.subscribers import api as api_subscribers
from lastmile.alerting.terminals import api as api_terminals
from lastmile.alerting.visits import api as api_visits
from lastmile.alerting.visits import api_sites
from lastmile.alerting.ways import api as api_ways

router = Router()
router.add_router("", api_alerts.router)
router.add_router("", api_coverage.router)
router.add_router("", calls.router)
router.add_router("", api_dossier.router)
router.add_router("", api_neighbours.router)
router.add_router("", api_visits.router)
router.add_router("", api_paper.router)
router.add_router("", api_sites.router)
router.add_router("", api_readiness.router)
router.add_router("", api_fatigue.router)
router.add_router("", api_sources.router)
router.add_router("", api_check.router)
router.add_router("", api_accounts.router)
router.add_router("", api_terminals.router)
router.add_router("", api_plan_areas.router)
router.add_router("", api_subscribers.router)
router.add_router("", api_followers.router)
router.add_router("", api_deployments.router)
router.add_router("", api_ending.router)
router.add_router("", api_ways.router)
router.add_router("", api_chat.router)
router.add_router("", api_certificate.router)
