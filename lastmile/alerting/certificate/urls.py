"""Addresses of the certificate that signs CAP messages."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.certificate import views

app_name = "certificate"

urlpatterns = [
    path("certificate/", views.page, name="page"),
    path("certificate/request/", views.ask, name="request"),
    path("certificate/file/", views.public, name="public"),
]
