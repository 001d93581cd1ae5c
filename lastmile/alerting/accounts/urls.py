"""Addresses of the accounts of places and of what messages cost."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.accounts import views

app_name = "channel_accounts"

urlpatterns = [
    path("channels/accounts/", views.listing, name="listing"),
    path("channels/accounts/new/", views.new, name="new"),
    path("channels/accounts/<int:number>/", views.page, name="page"),
    path("channels/accounts/<int:number>/switch/", views.switch, name="switch"),
    path("channels/accounts/<int:number>/send-test/", views.send_test, name="send_test"),
    path("channels/accounts/<int:number>/light/", views.health, name="health"),
    path("channels/costs/", views.spent, name="costs"),
    path("channels/costs/xlsx/", views.export, name="xlsx"),
]
