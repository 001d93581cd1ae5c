"""Addresses of the subscriptions."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.subscribers import views

app_name = "subscribers"

urlpatterns = [
    path("subscribers/", views.listing, name="listing"),
    path("subscribers/<int:pk>/", views.page, name="page"),
    path("subscribers/<int:pk>/<slug:verb>/", views.act, name="act"),
]
