"""Pages of the doors that are left."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.visits.views import field, figures, rules, sites, uncovered
from lastmile.kernel.offline import worker

app_name = "visits"

urlpatterns = [
    path("visits/", figures.home, name="home"),
    path("visits/rules/", rules.page, name="rules"),
    path("visits/worker.js", worker, name="worker"),
    path("visits/offline/", field.shell, name="offline"),
    path("visits/<slug:code>/<slug:place>/", field.page, name="field"),
    path("s/<str:token>/", sites.mine, name="site_mine"),
    path("alerts/<slug:code>/sites/<slug:place>/", sites.page, name="sites"),
    path("alerts/<slug:code>/sites/<slug:place>/<int:site>/", sites.enter, name="site_enter"),
    path("alerts/<slug:code>/uncovered/<slug:place>/", uncovered.page, name="uncovered"),
    path("alerts/<slug:code>/visits/", figures.page, name="figures"),
    path("alerts/<slug:code>/visits/<slug:place>/", figures.page, name="figures_place"),
    path("alerts/<slug:code>/visits/<slug:place>/live/", figures.live, name="figures_live"),
]
