"""Addresses of the links to other deployments: pages, what is reported, and the two doors for the other systems."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.deployments import views, views_reported

app_name = "deployments"

urlpatterns = [
    path("deployments/", views.listing, name="listing"),
    path("deployments/invite/", views.invite, name="invite"),
    path("deployments/join/", views.join, name="join"),
    path("deployments/pair/", views.pair, name="pair"),
    path("deployments/receipts/", views.receipts, name="receipts"),
    path("deployments/<int:pk>/", views.page, name="page"),
    path("deployments/<int:pk>/<slug:verb>/", views.act, name="act"),
    path("alerts/<slug:code>/reported/<int:pk>/", views_reported.page, name="reported"),
]
