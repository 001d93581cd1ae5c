"""Addresses of warnings from outside and of their sources."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.sources import views, views_check, views_incoming

app_name = "sources"

urlpatterns = [
    path("incoming/", views_incoming.listing, name="incoming"),
    path("incoming/<int:pk>/", views_incoming.page, name="proposal"),
    path("incoming/<int:pk>/take/", views_incoming.take, name="take"),
    path("incoming/<int:pk>/dismiss/", views_incoming.dismiss, name="dismiss"),
    path("incoming/messages/<int:pk>/", views_incoming.original, name="original"),
    path("sources/", views.listing, name="listing"),
    path("sources/new/", views.new, name="new"),
    path("sources/check/", views_check.page, name="check"),
    path("sources/check/again/", views_check.again, name="check_again"),
    path("sources/<int:pk>/", views.page, name="source"),
    path("sources/<int:pk>/enter/", views.enter, name="enter"),
    path("sources/<int:pk>/messages/", views.push, name="push"),
    path("sources/<int:pk>/rules/", views.rule_new, name="rule_new"),
    path("sources/<int:pk>/rules/<int:rule>/<slug:verb>/", views.rule_act, name="rule_act"),
    path("sources/<int:pk>/<slug:verb>/", views.act, name="act"),
]
