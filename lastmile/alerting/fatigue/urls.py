"""Addresses of the report of messages per person and month."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.fatigue import views

app_name = "fatigue"

urlpatterns = [
    path("messages/", views.page, name="report"),
    path("messages/<slug:place>/", views.page, name="place"),
    path("messages/<slug:place>/xlsx/", views.export, name="xlsx"),
]
