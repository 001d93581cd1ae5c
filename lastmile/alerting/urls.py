"""Addresses of the alerting room."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.views import channels, public

urlpatterns = [
    path("channels/", channels.listing, name="channels"),
    path("channels/<slug:name>/health/", channels.health, name="channel_health"),
    path("channels/<slug:name>/test/", channels.send_test, name="channel_test"),
    path("w/", public.active, name="public"),
    path("w/active.json", public.active_json, name="public_json"),
    path("w/feed.atom", public.feed, name="public_feed"),
    path("w/<slug:code>.xml", public.cap, name="public_cap"),
    path("w/<slug:code>/", public.warning, name="public_warning"),
]
