"""Addresses of the reachability test."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.readiness import views

app_name = "readiness"

urlpatterns = [
    path("readiness/", views.listing, name="listing"),
    path("readiness/<slug:place>/", views.page, name="page"),
    path("readiness/<slug:place>/preview/", views.preview, name="preview"),
    path("readiness/<slug:place>/start/", views.start, name="start"),
    path("readiness/<slug:place>/stop/", views.stop, name="stop"),
    path("readiness/<slug:place>/xlsx/", views.export, name="xlsx"),
]
