"""Pages of neighbours in a warning."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.neighbours.views import figures, mine, rules

app_name = "neighbours"

urlpatterns = [
    path("n/<str:token>/", mine.page, name="mine"),
    path("visits/cells/rules/", rules.page, name="rules"),
    path("alerts/<slug:code>/cells/<slug:place>/", figures.page, name="figures"),
    path("alerts/<slug:code>/cells/<slug:place>/live/", figures.live, name="live"),
]
