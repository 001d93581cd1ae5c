"""Addresses of the command post."""

from __future__ import annotations

from django.urls import include, path

from lastmile.alerting.cascade import views, views_dossier, views_ladders

CALLS = [
    path("", views.board, name="board"),
    path("live/", views.live, name="live"),
    path("list/", views.listing, name="list"),
    path("preview/", views_ladders.preview, name="preview"),
    path("start/", views.start, name="start"),
    path("<int:call>/", views.one, name="one"),
    path("<int:call>/act/", views.act, name="act"),
    path("<int:call>/number/", views.number, name="number"),
    path("<int:call>/evidence.pdf", views.pdf, name="evidence"),
]

app_name = "calls"
urlpatterns = [
    path("alerts/<slug:code>/calls/", include(CALLS)),
    path("calls/mine/", views_dossier.mine, name="mine"),
    path("calls/of/<int:person>/", views_dossier.page, name="person"),
    path("calls/of/<int:person>/evidence.pdf", views_dossier.pdf, name="person_pdf"),
    path("ladders/", views_ladders.ladders, name="ladders"),
    path("ladders/<slug:place>/<slug:hazard>/<slug:colour>/<slug:level>/", views_ladders.ladder, name="ladder"),
]
