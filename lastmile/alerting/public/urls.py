"""Addresses of the public site. What stands before <code> is no code of a warning."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.public import pages, programs

urlpatterns = [
    path("w/", pages.active, name="public"),
    path("w/past/", pages.past_page, name="public_past"),
    path("w/map/", pages.map_page, name="public_map"),
    path("w/map.json", pages.map_json, name="public_map_json"),
    path("w/colours/", pages.colours, name="public_colours"),
    path("w/check/", pages.check_page, name="public_check"),
    path("w/follow/", pages.follow, name="public_follow"),
    path("w/widget/", pages.widget, name="public_widget"),
    path("w/widget.js", pages.widget_script, name="public_widget_script"),
    path("w/worker.js", pages.worker, name="public_worker"),
    path("w/board/", pages.board, name="public_board"),
    path("w/active.json", programs.active_json, name="public_json"),
    path("w/feed.atom", programs.feed, name="public_feed"),
    path("w/feed.rss", programs.rss, name="public_rss"),
    path("w/<slug:code>.xml", programs.cap, name="public_cap"),
    path("w/<slug:code>/poster.pdf", pages.poster_pdf, name="public_poster"),
    path("w/<slug:code>/", pages.warning, name="public_warning"),
]
