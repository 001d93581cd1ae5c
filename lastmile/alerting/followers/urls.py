"""Addresses of followers. What lies under w/my/ is somebody's own and kept by nobody (site/kept.py)."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.followers import browsers, desk, views

urlpatterns = [
    path("channels/followers/", desk.page, name="followers"),
    path("w/my/mail/", views.ask_mail, name="follow_mail"),
    path("w/my/push/", browsers.ask, name="follow_push"),
    path("w/my/<str:secret>/", views.mine, name="my_following"),
]
