"""The front door: every room's pages, the API, and the shell around them."""

from __future__ import annotations

from django.urls import include, path

from lastmile.site import admin, health, views
from lastmile.site.api import api
from lastmile.site.scenarios import views as scenarios

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("lastmile.community.accounts.urls")),
    path("overview/gaps/", views.home_gaps, name="home_gaps"),
    path("scenarios/", scenarios.listing, name="scenarios"),
    path("scenarios/<slug:name>/", scenarios.page, name="scenario"),
    path("setup/", views.setup, name="setup"),
    path("", include("lastmile.modules.mydata.urls")),
    path("", include("lastmile.modules.shelters.urls")),  # before /w/<code>/
    path("", include("lastmile.alerting.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics_text, name="metrics"),
    path("api/v1/", api.urls),
    path("", include("lastmile.community.org.urls")),
    path("", include("lastmile.community.people.urls")),
    path("", include("lastmile.community.cells.urls")),
    path("", include("lastmile.facts.urls")),
    path("", include("lastmile.duties.urls_lists")),
    path("", include("lastmile.alerting.urls_answers")),
    path("", include("lastmile.alerting.cascade.urls")),
    path("", include("lastmile.alerting.neighbours.urls")),
    path("", include("lastmile.alerting.visits.urls")),
    path("", include("lastmile.alerting.paper.urls")),
    path("", include("lastmile.alerting.readiness.urls")),
    path("", include("lastmile.alerting.terminals.urls")),
    path("plan-areas/", include("lastmile.alerting.plan_areas.urls")),
    path("", include("lastmile.alerting.fatigue.urls")),
    path("", include("lastmile.alerting.certificate.urls")),
    path("", include("lastmile.alerting.sources.urls")),
    path("", include("lastmile.alerting.accounts.urls")),
    path("", include("lastmile.alerting.subscribers.urls")),
    path("", include("lastmile.alerting.deployments.urls")),
    path("", include("lastmile.alerting.ending.urls")),
    path("", include("lastmile.duties.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "lastmile.site.failures.bad_request"
handler403 = "lastmile.site.failures.not_allowed"
handler404 = "lastmile.site.failures.not_found"
handler500 = "lastmile.site.failures.our_fault"
