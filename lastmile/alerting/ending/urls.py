"""Addresses of certificates of destruction and of what is held back from it."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.ending import views

app_name = "ending"

urlpatterns = [
    path("destroyed/", views.listing, name="listing"),
    path("destroyed/waiting/", views.waiting, name="waiting"),
    path("destroyed/<int:pk>/", views.one, name="one"),
    path("destroyed/<int:pk>/pdf/", views.pdf, name="pdf"),
    path("destroyed/warnings/<int:pk>/hold/", views.hold, name="hold"),
    path("destroyed/holds/<int:pk>/release/", views.release, name="release"),
]
