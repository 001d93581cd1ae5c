"""Addresses of the groups, and of the page that a card for staff leads to."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.chat import views

app_name = "chat"

urlpatterns = [
    path("channels/groups/", views.listing, name="listing"),
    path("channels/groups/new/", views.new, name="new"),
    path("channels/groups/<int:number>/", views.page, name="page"),
    path("channels/groups/<int:number>/edit/", views.edit, name="edit"),
    path("channels/groups/<int:number>/send-test/", views.send_test, name="send_test"),
    path("channels/groups/<int:number>/<slug:verb>/", views.act, name="act"),
    path("alerts/<slug:code>/groups/", views.warning, name="warning"),
    path("alerts/<slug:code>/answer/", views.answer, name="answer"),
]
