"""The front door: every room's pages, the API, and the shell around them."""

from __future__ import annotations

from django.urls import include, path

from lastmile.site import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("lastmile.community.accounts.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
