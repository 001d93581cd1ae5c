"""Addresses of what terminals do."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.terminals import views

app_name = "terminals"

urlpatterns = [
    path("loudspeakers/", views.everything, name="all"),
    path("loudspeakers/<int:pk>/", views.state, name="state"),
    path("loudspeakers/<int:pk>/test/", views.test, name="test"),
    path("alerts/<slug:code>/loudspeakers/", views.warning, name="warning"),
    path("alerts/<slug:code>/loudspeakers/<slug:place>/", views.warning, name="warning_place"),
    path("alerts/<slug:code>/loudspeakers/<slug:place>/live/", views.live, name="warning_live"),
    path("alerts/<slug:code>/loudspeakers/<slug:place>/again/", views.again, name="again"),
    path("alerts/<slug:code>/loudspeakers/<slug:place>/stop/", views.stop, name="stop"),
]
